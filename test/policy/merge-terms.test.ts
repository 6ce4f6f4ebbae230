import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AskTerms, PROOFS } from '../../src/approval.ts'
import { mergeTerms } from '../../src/policy/merge-terms.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { drawnTerms, terms } from './a-demand.ts'
import { decided, policyOf, tool } from './a-policy.ts'

/** Rules that ask, each with these terms. */
function asking(all: readonly AskTerms[]): Rule[] {
  const rest = {
    effect: 'ask',
    reason: null,
    kind: 'tool',
    covers: [],
    when: null,
    offset: 0,
    line: 1,
  } as const
  return all.map((ask, index) => ({ ...rest, ref: `rules[${index}]`, ask }))
}

const several = fc.array(drawnTerms, { minLength: 1, maxLength: 5 })

describe('what several rules want together', () => {
  it('given one, is what it wants', () => {
    const dba = { groups: ['dba'], emails: [] }
    const remember = { count: 3, forMs: 60_000 }
    const one = terms({ by: dba, notSelf: true, count: 2, proof: 'key', remember, message: 'look' })
    const { by, notSelf, count, message: _, ...rest } = one
    expect(mergeTerms(asking([one]))).toEqual({
      ...rest,
      each: [{ by, notSelf, count, rule: 'rules[0]' }],
      messages: ['look'],
    })
  })

  it('given two, is the strictest of both, and the people of each', () => {
    const dba = { groups: ['dba'], emails: [] }
    const first = terms({
      proof: 'key',
      waitMs: 1000,
      timeoutMs: 9000,
      validMs: 5000,
      edit: true,
      message: 'a',
    })
    const second = terms({
      by: dba,
      notSelf: true,
      count: 2,
      proof: 'oidc',
      confirm: 'type',
      onTimeout: 'deny',
    })
    const remembering = { count: 3, forMs: 60_000 }
    expect(mergeTerms(asking([{ ...first, remember: remembering }, second]))).toEqual({
      proof: 'oidc',
      confirm: 'type',
      waitMs: 1000,
      onTimeout: 'deny',
      timeoutMs: 9000,
      validMs: 5000,
      edit: false,
      remember: null,
      each: [
        { by: null, notSelf: false, count: 1, rule: 'rules[0]' },
        { by: dba, notSelf: true, count: 2, rule: 'rules[1]' },
      ],
      messages: ['a'],
    })
  })

  it('given two that remember and edit, remembers the shorter of both, and may be edited', () => {
    const first = terms({ edit: true, remember: { count: 3, forMs: 9000 } })
    const second = terms({ edit: true, remember: { count: 5, forMs: 1000 } })
    const { edit, remember } = mergeTerms(asking([first, second]))
    expect({ edit, remember }).toEqual({ edit: true, remember: { count: 3, forMs: 1000 } })
  })

  it('given any rules, none gets less than it wants', () => {
    fc.assert(
      fc.property(several, (all) => {
        const demand = mergeTerms(asking(all))
        for (const one of all) {
          expect(PROOFS.indexOf(demand.proof)).toBeGreaterThanOrEqual(PROOFS.indexOf(one.proof))
          expect(demand.waitMs).toBeLessThanOrEqual(one.waitMs)
          expect(demand.timeoutMs).toBeLessThanOrEqual(one.timeoutMs)
          expect(demand.validMs).toBeLessThanOrEqual(one.validMs)
          if (one.confirm === 'type') expect(demand.confirm).toBe('type')
          if (one.onTimeout === 'deny') expect(demand.onTimeout).toBe('deny')
          if (!one.edit) expect(demand.edit).toBe(false)
          if (one.remember === null) expect(demand.remember).toBe(null)
          else expect(demand.remember?.count ?? 0).toBeLessThanOrEqual(one.remember.count)
          if (one.message !== null) expect(demand.messages).toContain(one.message)
        }
        expect(demand.each.map(({ by, notSelf, count }) => ({ by, notSelf, count }))).toEqual(
          all.map(({ by, notSelf, count }) => ({ by, notSelf, count })),
        )
        expect(demand.timeoutMs).toBeGreaterThanOrEqual(demand.waitMs)
      }),
    )
  })

  it('given any rules, wants no more than one of them does', () => {
    fc.assert(
      fc.property(several, (all) => {
        const demand = mergeTerms(asking(all))
        for (const key of [
          'proof',
          'confirm',
          'waitMs',
          'onTimeout',
          'timeoutMs',
          'validMs',
          'edit',
        ] as const) {
          expect(all.map((one) => one[key])).toContain(demand[key])
        }
      }),
    )
  })

  it('given the rules in another order, wants the same', () => {
    fc.assert(
      fc.property(several, (all) => {
        const { each: _, messages, ...rest } = mergeTerms(asking(all))
        const { each: __, messages: others, ...reversed } = mergeTerms(asking(all.toReversed()))
        expect({ ...reversed, messages: others.toSorted() }).toEqual({
          ...rest,
          messages: messages.toSorted(),
        })
      }),
    )
  })
})

describe('the demand of a decision', () => {
  const SECTIONS = `identity: { issuer: "https://id.example", clientId: c, approvals: { clientId: c2 } }
rules:
  - allow: { tool: free }
  - ask: { tool: "*_x" }
    name: any
  - ask: { tool: "drop_*" }
    when: args.n > 1
    approval: { by: { groups: [dba] }, proof: oidc }
  - deny: { tool: never }
`

  it('given two rules that ask, names both; what did not match adds nothing', async () => {
    const both = await decided(SECTIONS, tool('drop_x', '{"n":2}'))
    expect(both.demand).toMatchObject({
      proof: 'oidc',
      each: [
        { by: null, notSelf: false, count: 1, rule: 'rules.any' },
        { by: { groups: ['dba'], emails: [] }, notSelf: true, count: 1, rule: 'rules[2]' },
      ],
    })
    const one = await decided(SECTIONS, tool('drop_x', '{"n":1}'))
    expect(one.demand).toMatchObject({ proof: 'terminal', each: [{ rule: 'rules.any' }] })
  })

  it('given a condition that fails, counts that rule too', async () => {
    const { demand } = await decided(SECTIONS, tool('drop_x', '{}'))
    expect(demand?.each.map(({ rule }) => rule)).toEqual(['rules.any', 'rules[2]'])
  })

  it.each(['free', 'never', 'other'])(
    'given the tool %s, about which nobody asks, has none',
    async (name) => {
      expect('demand' in (await decided(SECTIONS, tool(name)))).toBe(false)
    },
  )

  it('given rules that allow or deny, have no terms; one that asks has them', async () => {
    const { rules } = await policyOf(SECTIONS)
    expect(rules.map(({ ask }) => ask?.proof ?? null)).toEqual([null, 'terminal', 'oidc', null])
  })
})
