import { beforeAll, describe, expect, it } from 'vitest'
import type { Question } from '../../../src/approval.ts'
import { callDigest, challengeOf } from '../../../src/call-digest.ts'
import { type Examined, examine, type Own } from '../../../src/cli/approvals/examine.ts'
import { requestText } from '../../../src/request-text.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { after, players } from '../../identity/a-receipt.ts'
import { ALICE, agreedPolicy, anAgreement, BOB, type HowAgreed, HOUR } from '../../identity/an-agreement.ts'

const people = players()
let policy: Policy
beforeAll(async () => {
  policy = await agreedPolicy()
})

const bob = { ...BOB, email: null, groups: ['dba'], authTime: null }

function look(
  question: Question,
  by: Policy = policy,
  me: Extract<Own, { kind: 'policy' }>['me'] = bob,
): Examined {
  const own = { kind: 'policy', policy: by, me, browser: true } as const
  const entry = { question, from: 'here', state: 'held', answers: [], device: 'own' } as const
  return examine(entry, own, after(5))
}

const asked = (how: HowAgreed = {}) => anAgreement(policy, people, how).question

/** Changes what a question says, and makes its digests anew: what somebody with the device key can do. */
function signedAnew(question: Question): Question {
  const call = callDigest(question)
  return { ...question, call, challenge: challengeOf({ ...question, call, remember: null }) }
}

describe('examine, given a question about grants', () => {
  it('shows which they are, for how long and what they give, by the own policy, and offers a yes', () => {
    const found = look(asked({ names: ['write', 'drop'] }))
    const rules = ['grants.write.activate', 'grants.drop.activate']
    expect(found).toMatchObject({
      what: 'write for 1h, drop for 1h',
      risk: null,
      faults: [],
      policyDiffers: null,
      decision: {
        effect: 'ask',
        rules,
        reasons: [
          'write on orders, for 1h:',
          'may call the tool `write`',
          'drop on orders, for 1h:',
          'may call the tool `drop`',
        ],
      },
      offer: { kind: 'approve', proof: 'key', word: null, edit: false, hindrance: null },
    })
    expect(found.decision?.demand).toMatchObject({
      remember: null,
      each: rules.map((rule) => ({ rule, notSelf: true })),
    })
    expect(JSON.parse(found.body ?? '')).toMatchObject({ grants: [{ name: 'write' }, { name: 'drop' }] })
  })

  it('given somebody whom the own policy does not name, offers no yes', () => {
    const me = { ...bob, groups: ['ops'] }
    expect(look(asked(), policy, me).offer).toMatchObject({ kind: 'deny-only', code: 'NOT_APPROVER' })
  })

  it('given the desk of whoever asks, says that somebody else must come and prove it', () => {
    expect(look(asked(), policy, { ...bob, ...ALICE }).offer).toMatchObject({
      kind: 'approve',
      hindrance: 'somebody else must come and prove it: whoever asks cannot answer themselves',
    })
  })

  it.each<[string, HowAgreed['asked'], RegExp]>([
    [
      'a grant that the own policy does not have',
      grants({ name: 'gone' }),
      /`gone` is no grant of your policy/,
    ],
    ['a grant of another server', grants({ name: 'else' }), /`else` is on another server: other/],
    ['one for longer than the own policy gives it', grants({ durationMs: 2 * HOUR }), /lasts at most 1h/],
  ])('given %s, offers no yes', (_title, wanted, why) => {
    const { offer, faults } = look(asked({ asked: wanted ?? {} }))
    expect(faults).toEqual([])
    expect(offer).toMatchObject({ kind: 'deny-only', why: expect.stringMatching(why) })
  })

  it.each<[string, () => Policy | Promise<Policy>, RegExp]>([
    ['asks nobody', requestPolicy, /needs nobody else to agree/],
    ['wants a reason', () => agreedPolicy({ reason: 'required' }), /for a reason only/],
  ])('given an own policy that %s, offers no yes', async (_title, other, why) => {
    const own = await other()
    const { offer } = look(asked({ asked: grants({ reason: null }) ?? {} }), own)
    expect(offer).toMatchObject({ kind: 'deny-only', why: expect.stringMatching(why) })
  })

  it('given a subject to whom the own policy does not give it, offers no yes', async () => {
    const other = { ...policy, grants: policy.grants.map((grant) => ({ ...grant, who: ENGINEERS })) }
    expect(look(asked(), other).offer).toMatchObject({
      kind: 'deny-only',
      why: 'your policy denies it by `grants.write.activate`: `write` is not for who asks: it is for the group `engineering`',
    })
  })

  it('demands what the own policy wants, whatever the question says', async () => {
    const own = await agreedPolicy({ proof: 'oidc', count: '2' })
    expect(look(asked(), own).offer).toMatchObject({
      kind: 'approve',
      proof: 'oidc',
      demand: { proof: 'oidc' },
    })
  })

  it.each<[string, (question: Question) => Question, RegExp]>([
    ['a command', (one) => ({ ...one, server: { ...one.server, command: '/bin/sh' } }), /for a call at once/],
    ['a definition', (one) => ({ ...one, definition: 'a'.repeat(64) }), /for a call at once/],
    ['no request', (one) => ({ ...one, params: '{"name":"drop_table","arguments":{}}' }), /cannot be read/],
    ['another requester', (one) => ({ ...one, requester: BOB }), /not who asks this/],
    ['another device', (one) => ({ ...one, device: 'ed25519:B' }), /not who asks this/],
    ['another time', (one) => ({ ...one, asked: after(1).toISOString() }), /at another time/],
    ['another policy', (one) => ({ ...one, policy: { ...one.policy, key: 'trust:01/x' } }), /another policy/],
  ])('[ATK-FORGED-AGREEMENT] given one with %s, says that it was altered', (_title, lie, why) => {
    const { offer } = look(signedAnew(lie(asked())))
    expect(offer).toMatchObject({
      kind: 'deny-only',
      code: 'APPROVAL_ALTERED',
      why: expect.stringMatching(why),
    })
    expect(look(signedAnew(asked())).offer.kind).toBe('approve')
  })

  it('given other params than were asked about, says that they were altered', () => {
    const { request, question } = anAgreement(policy, people)
    const longer = request.grants.map((each) => ({ ...each, durationMs: HOUR / 2 }))
    const params = requestText({ ...request, grants: longer })
    expect(look({ ...question, params }).offer).toMatchObject({ kind: 'deny-only', code: 'APPROVAL_ALTERED' })
  })
})

const ENGINEERS = { groups: ['engineering'], emails: [] }

function grants(changed: object): HowAgreed['asked'] {
  return { grants: [{ name: 'write', durationMs: HOUR, reason: 'INC-1', ...changed }] }
}

function requestPolicy(): Policy {
  return {
    ...policy,
    grants: policy.grants.map((grant) => ({
      ...grant,
      activate: { mode: 'request', reason: 'optional', proof: 'key', approval: null },
    })),
  }
}
