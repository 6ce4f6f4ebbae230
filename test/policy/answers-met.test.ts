import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Demand, PROOFS } from '../../src/approval.ts'
import { mayAnswer, missingAnswers, type VerifiedAnswer } from '../../src/policy/answers-met.ts'
import { mergeTerms } from '../../src/policy/merge-terms.ts'
import { approver, demandOf, drawnAnswers, drawnTerms } from './a-demand.ts'

const REQUESTER = { issuer: 'https://id.example', sub: 'ann' }
const DBA = { groups: ['dba'], emails: [] }
const OPS = { groups: ['ops'], emails: ['eve@acme.example'] }

const yes = (sub: string, groups: readonly string[] = [], proof: VerifiedAnswer['proof'] = 'oidc') => ({
  approver: approver(sub, groups),
  proof,
})
const missing = (demand: Demand, ...answers: readonly VerifiedAnswer[]) =>
  missingAnswers(demand, REQUESTER, answers)

describe('what is still missing', () => {
  it('given no answer, says for each rule what it waits for', () => {
    const demand = demandOf({}, { by: DBA, notSelf: true, count: 2 }, { by: OPS })
    expect(missing(demand)).toEqual([
      '`rules[0]` waits for 1 person: proven by `oidc`',
      '`rules[1]` waits for 2 people: it is for the group `dba` to answer, not for whoever asks, proven by `oidc`',
      '`rules[2]` waits for 1 person: it is for the group `ops` and eve@acme.example to answer, proven by `oidc`',
    ])
  })

  it('given one of two people, says that one more is missing; given the other too, nothing', () => {
    const demand = demandOf({ by: DBA, count: 2 })
    const why = '`rules[0]` waits for 1 more person: it is for the group `dba` to answer, proven by `oidc`'
    expect(missing(demand, yes('bob', ['dba']))).toEqual([why])
    expect(missing(demand, yes('bob', ['dba']), yes('eve', ['dba']))).toEqual([])
  })

  it('[ATK-ONE-IS-TWO] given two answers of one person, counts one', () => {
    const demand = demandOf({ count: 2 })
    expect(missing(demand, yes('bob'), yes('bob', ['dba'], 'oidc'))).toHaveLength(1)
    expect(missing(demand, yes('bob'), yes('eve'))).toEqual([])
  })

  it('given one person who is in both, counts for both rules', () => {
    const demand = demandOf({ by: DBA }, { by: OPS })
    expect(missing(demand, yes('bob', ['dba', 'ops']))).toEqual([])
    expect(missing(demand, yes('bob', ['dba']))).toHaveLength(1)
  })

  it('[ATK-SELF-APPROVAL] given the requester, counts only where they may answer themselves', () => {
    expect(missing(demandOf({ notSelf: true }), yes('ann'))).toHaveLength(1)
    expect(missing(demandOf({ notSelf: false }), yes('ann'))).toEqual([])
    expect(missing(demandOf({ notSelf: true }), yes('bob'))).toEqual([])
    const namesake = { ...yes('ann'), approver: { ...approver('ann'), issuer: 'https://other.example' } }
    expect(missing(demandOf({ notSelf: true }), namesake)).toEqual([])
  })

  it('given names with what stands between two names, takes nobody for another', () => {
    const a = { ...yes('x'), approver: { ...approver('b","c'), issuer: 'a' } }
    const b = { ...yes('x'), approver: { ...approver('c'), issuer: 'a","b' } }
    expect(missing(demandOf({ count: 2 }), a, b)).toEqual([])
  })

  it.each(PROOFS)('[ATK-WEAK-PROOF] given a demand for %s, counts that proof and stronger ones', (wanted) => {
    const demand = { ...demandOf({}), proof: wanted }
    const met = PROOFS.filter((proof) => missing(demand, yes('bob', [], proof)).length === 0)
    expect(met).toEqual(PROOFS.slice(PROOFS.indexOf(wanted)))
  })

  it('given an email, counts whoever has that very one', () => {
    const demand = demandOf({ by: OPS })
    const withEmail = (email: string | null) => ({ ...yes('eve'), approver: approver('eve', [], email) })
    expect(missing(demand, withEmail('eve@acme.example'))).toEqual([])
    expect(missing(demand, withEmail('Eve@acme.example'))).toHaveLength(1)
    expect(missing(demand, withEmail(null))).toHaveLength(1)
  })

  it('given a demand that names no rule, is never met', () => {
    expect(missing(demandOf(), yes('bob'))).toEqual(['no rule says who may answer'])
    expect(mayAnswer(demandOf(), REQUESTER, approver('bob'))).toEqual({
      ok: false,
      why: 'no rule says who may answer',
    })
  })
})

describe('who may answer', () => {
  it.each([
    { given: 'anybody', each: [{}], sub: 'ann', groups: [], why: null },
    { given: 'somebody else', each: [{ notSelf: true }], sub: 'bob', groups: [], why: null },
    {
      given: 'the requester',
      each: [{ notSelf: true }],
      sub: 'ann',
      groups: [],
      why: 'whoever asks cannot answer themselves',
    },
    {
      given: 'a stranger',
      each: [{ by: DBA }],
      sub: 'bob',
      groups: ['ops'],
      why: 'it is for the group `dba` to answer',
    },
    { given: 'one of two', each: [{ by: DBA }, { by: OPS }], sub: 'bob', groups: ['ops'], why: null },
    {
      given: 'none of two',
      each: [{ by: DBA }, { by: OPS, notSelf: true }],
      sub: 'ann',
      groups: ['ops'],
      why: 'it is for the group `dba` to answer; whoever asks cannot answer themselves',
    },
  ])('given $given, says so', ({ each, sub, groups, why }) => {
    const said = mayAnswer(demandOf(...each), REQUESTER, approver(sub, groups))
    expect(said).toEqual(why === null ? { ok: true } : { ok: false, why })
  })
})

describe('answers and demands', () => {
  const demands = fc.array(drawnTerms, { minLength: 1, maxLength: 4 }).map((all) => {
    const rest = {
      effect: 'ask',
      reason: null,
      kind: 'tool',
      covers: [],
      when: null,
      offset: 0,
      line: 1,
    } as const
    return mergeTerms(all.map((ask, index) => ({ ...rest, ref: `rules[${index}]`, ask })))
  })

  it('given one answer more, nothing more is missing', () => {
    fc.assert(
      fc.property(demands, drawnAnswers, (demand, answers) => {
        const after = missing(demand, ...answers)
        expect(after.length).toBeLessThanOrEqual(missing(demand, ...answers.slice(1)).length)
      }),
    )
  })

  it('given the answers in another order, or each twice, the same is missing', () => {
    fc.assert(
      fc.property(demands, drawnAnswers, (demand, answers) => {
        const said = missing(demand, ...answers)
        expect(missing(demand, ...answers.toReversed(), ...answers)).toEqual(said)
      }),
    )
  })

  it('given answers that may not count, as much is missing as without any', () => {
    fc.assert(
      fc.property(demands, drawnAnswers, (demand, answers) => {
        const idle = answers.filter(
          ({ approver: who, proof }) =>
            PROOFS.indexOf(proof) < PROOFS.indexOf(demand.proof) || !mayAnswer(demand, REQUESTER, who).ok,
        )
        expect(missing(demand, ...idle)).toEqual(missing(demand))
      }),
    )
  })

  it('given a demand that is met, each rule has as many people as it wants', () => {
    let met = 0
    fc.assert(
      fc.property(demands, drawnAnswers, (demand, answers) => {
        if (missing(demand, ...answers).length > 0) return
        met += 1
        for (const { by, notSelf, count } of demand.each) {
          const people = answers.filter(({ approver: { issuer, sub, groups, email }, proof }) => {
            const isSelf = issuer === REQUESTER.issuer && sub === REQUESTER.sub
            const isNamed =
              by === null ||
              by === 'everyone' ||
              by.groups.some((group) => groups.includes(group)) ||
              by.emails.some((each) => each === email)
            return isNamed && !(notSelf && isSelf) && PROOFS.indexOf(proof) >= PROOFS.indexOf(demand.proof)
          })
          const named = new Set(people.map(({ approver: who }) => `${who.issuer} ${who.sub}`))
          expect(named.size).toBeGreaterThanOrEqual(count)
        }
      }),
      { numRuns: 500 },
    )
    expect(met).toBeGreaterThan(10)
  })
})
