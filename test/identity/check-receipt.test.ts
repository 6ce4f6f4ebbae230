import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROOFS, type Receipt } from '../../src/approval.ts'
import { callDigest, challengeOf } from '../../src/call-digest.ts'
import { type Answered, checkReceipt, type ReceiptChecks } from '../../src/identity/check-receipt.ts'
import { sshSigner } from '../ssh-signer.ts'
import {
  aCall,
  after,
  APPROVERS,
  aQuestion,
  aReceipt,
  type HowAnswered,
  players,
  theChecks,
} from './a-receipt.ts'

const people = players()
const strangers = players()
const kinds = fc.constantFrom(...PROOFS)

function check(receipt: Receipt, question: Answered, more: Partial<ReceiptChecks> = {}) {
  return checkReceipt(receipt, question, theChecks(question, people, more))
}

const changed = (receipt: Receipt, proof: object): Receipt => ({
  ...receipt,
  proof: { ...receipt.proof, ...proof },
})

describe('an honest receipt', () => {
  it.each(PROOFS)('given the proof `%s`, says who gave it', async (kind) => {
    const question = aQuestion(people)
    const said = await check(aReceipt(kind, question, people), question)
    expect(said).toMatchObject({ ok: true, approver: APPROVERS[kind], proof: kind })
  })

  it('given a queued question, counts in any session of that requester', async () => {
    const question = aQuestion(people)
    const binds = { requester: question.requester }
    const said = await check(aReceipt('terminal', question, people, { binds }), question, { session: 'S2' })
    expect(said).toMatchObject({ ok: true, approver: APPROVERS.terminal, proof: 'terminal' })
  })

  it.each(PROOFS.flatMap((has) => PROOFS.map((wants) => ({ has, wants }))))(
    'given `$has` where the rules want `$wants`, counts if it is no weaker',
    async ({ has, wants }) => {
      const question = aQuestion(people, { demand: { proof: wants } })
      const { ok } = await check(aReceipt(has, question, people), question)
      expect(ok).toBe(PROOFS.indexOf(has) >= PROOFS.indexOf(wants))
    },
  )
})

describe('[ATK-FORGED-RECEIPT] a receipt that is not what a person said yes to', () => {
  it('given any change of what the challenge covers, or of the proof, refuses it; unchanged, it holds', async () => {
    const hex = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex'))
    const lies = fc.oneof(
      hex.map(
        (call) =>
          (one: Receipt): Receipt => ({ ...one, call }),
      ),
      fc.string().map(
        (approval) =>
          (one: Receipt): Receipt => ({ ...one, approval }),
      ),
      fc.string().map(
        (random) =>
          (one: Receipt): Receipt => ({ ...one, random }),
      ),
      fc.string().map(
        (device) =>
          (one: Receipt): Receipt => ({ ...one, device }),
      ),
      fc.date({ noInvalidDate: true }).map(
        (date) =>
          (one: Receipt): Receipt => ({ ...one, expires: date.toISOString() }),
      ),
      fc.string().map((signature) => (one: Receipt) => changed(one, { signature, idToken: signature })),
    )
    const law = fc.asyncProperty(kinds, lies, async (kind, lie) => {
      const question = aQuestion(people)
      const honest = aReceipt(kind, question, people)
      expect((await check(honest, question)).ok).toBe(true)
      expect((await check(lie(honest), question)).ok).toBe(false)
    })
    await fc.assert(law, { numRuns: 150 })
  })

  it('given the receipt of another question, refuses it, also under this one’s names', async () => {
    const law = fc.asyncProperty(
      kinds,
      fc.constantFrom('approval', 'call', 'expires', 'device'),
      async (kind, member) => {
        const one = aQuestion(people)
        const others = {
          approval: 'A-00000000',
          call: '00'.repeat(32),
          expires: after(41 * 60).toISOString(),
          device: strangers.device.id,
        }
        const other = aQuestion(people, { ...one, [member]: others[member] })
        const [yes, otherYes] = [aReceipt(kind, one, people), aReceipt(kind, other, people)]
        expect((await check(yes, one)).ok).toBe(true)
        expect((await check(otherYes, one)).ok).toBe(false)
        expect((await check({ ...yes, proof: otherYes.proof }, one)).ok).toBe(false)
      },
    )
    await fc.assert(law, { numRuns: 30 })
  })

  it.each(PROOFS)('given the proof `%s` of a stranger, refuses it', async (kind) => {
    const question = aQuestion(people)
    const { ok } = await check(aReceipt(kind, question, strangers), question)
    expect(ok).toBe(false)
  })

  it.each<[string, object, RegExp]>([
    ['format', { format: 'hoopctl-approval/2' }, /format/],
    ['answer', { answer: 'deny' }, /does not say yes/],
    ['kind of proof', { proof: { kind: 'word of honour' } }, /weaker/],
    ['time', { at: 'soon' }, /cannot be read/],
  ])('given another %s than hoopctl writes, refuses it', async (_title, lie, why) => {
    const question = aQuestion(people)
    const receipt = { ...aReceipt('terminal', question, people), ...lie }
    expect(await check(receipt, question)).toEqual({ ok: false, why: expect.stringMatching(why) })
  })
})

describe('[ATK-REPLAYED-RECEIPT] a receipt that is used where it does not count', () => {
  it.each<[string, HowAnswered, Partial<ReceiptChecks>, Parameters<typeof aQuestion>[1], RegExp]>([
    ['held, in another session', {}, { session: 'S2' }, {}, /another session/],
    ['bound to another session', { binds: { session: 'S2' } }, { session: 'S2' }, {}, /another session/],
    [
      'for another requester',
      { binds: { requester: { issuer: 'https://login.acme.example', sub: '00u9b' } } },
      {},
      {},
      /another requester/,
    ],
    [
      'for a requester, where nothing is queued',
      { binds: { requester: aCall('{}').requester } },
      {},
      { demand: { onTimeout: 'deny' } },
      /one session only/,
    ],
  ])('given one %s, refuses it; its twin holds', async (_title, how, checks, asked, why) => {
    const question = aQuestion(people, asked)
    const said = await check(aReceipt('terminal', question, people, how), question, checks)
    expect(said).toEqual({ ok: false, why: expect.stringMatching(why) })
    expect((await check(aReceipt('terminal', question, people), question)).ok).toBe(true)
  })

  it('given any two texts of params, counts for both if and only if they are the same value', async () => {
    const same = [
      ['1', '1.0'],
      ['10', '1e1'],
      ['"é"', '"\\u00e9"'],
      ['{"a":1,"b":2}', '{"b":2, "a":1}'],
    ]
    const other = [
      ['9007199254740993', '9007199254740992'],
      ['1', '"1"'],
      ['1', '1.0000000000000001'],
      ['[1,2]', '[2,1]'],
    ]
    for (const [pairs, expected] of [
      [same, true],
      [other, false],
    ] as const) {
      for (const pair of pairs) {
        const [asked, sent] = pair.map((id) => callDigest(aCall(`{"name":"drop","arguments":{"id":${id}}}`)))
        const question = aQuestion(people, { call: asked ?? '' })
        const { ok } = await check(aReceipt('key', question, people), question, { call: sent ?? '' })
        expect({ pair, ok }).toEqual({ pair, ok: expected })
      }
    }
    const law = fc.asyncProperty(fc.bigInt(), fc.bigInt(), async (a, b) => {
      const [asked, sent] = [a, b].map((id) => callDigest(aCall(`{"name":"drop","arguments":{"id":${id}}}`)))
      const question = aQuestion(people, { call: asked ?? '' })
      const { ok } = await check(aReceipt('terminal', question, people), question, { call: sent ?? '' })
      expect(ok).toBe(a === b)
    })
    await fc.assert(law, {
      numRuns: 50,
      examples: [
        [9007199254740993n, 9007199254740992n],
        [1n, 1n],
      ],
    })
  })

  it.each<[string, Partial<Parameters<typeof aCall>[1]>]>([
    ['another server', { server: { ...aCall('{}').server, name: 'orders-eu' } }],
    ['another command', { server: { ...aCall('{}').server, sha256: null } }],
    ['another definition', { definition: 'cc'.repeat(32) }],
    ['another method', { method: 'resources/read' }],
    ['another requester', { requester: { issuer: 'https://login.acme.example', sub: '00u9b' } }],
  ])('given the same params at %s, refuses it', async (_title, more) => {
    const question = aQuestion(people, { call: callDigest(aCall('{}')) })
    const receipt = aReceipt('terminal', question, people)
    expect(await check(receipt, question, { call: callDigest(aCall('{}')) })).toMatchObject({ ok: true })
    const why = 'it is of another call'
    expect(await check(receipt, question, { call: callDigest(aCall('{}', more)) })).toEqual({
      ok: false,
      why,
    })
  })
})

describe('[ATK-LATE-RECEIPT] the clocks of a receipt', () => {
  it.each<[string, number, number, boolean]>([
    ['given a minute before it was asked', -60, 30, true],
    ['given more than a minute before', -61, 30, false],
    ['given at the very end', 30 * 60 + 60, 30 * 60 + 61, true],
    ['given after the end', 30 * 60 + 61, 30 * 60 + 61, false],
    ['given by a clock that is a minute ahead', 90, 30, true],
    ['given in the future', 91, 30, false],
    ['used just before it is too old', 0, 10 * 60 - 1, true],
    ['used when it is too old', 0, 10 * 60, false],
    ['used just before the question’s own end', 30 * 60 + 1, 40 * 60 - 1, true],
    ['used at the question’s own end', 30 * 60 + 1, 40 * 60, false],
  ])('given one %s, holds or not by the second', async (_title, at, now, holds) => {
    const question = aQuestion(people)
    const receipt = aReceipt('key', question, people, { at: after(at).toISOString() })
    expect((await check(receipt, question, { now: after(now) })).ok).toBe(holds)
  })

  it.each<[string, number, boolean]>([
    ['as long as the token lets it', 15 + 60 + 600 - 1, true],
    ['longer, by a later time of its own', 15 + 60 + 600, false],
  ])('given a sign-in, lives %s', async (_title, now, holds) => {
    const question = aQuestion(people)
    const receipt = aReceipt('oidc', question, people, { at: after(200).toISOString() })
    expect((await check(receipt, question, { now: after(now) })).ok).toBe(holds)
  })
})

describe('what a receipt may change', () => {
  const edited = { arguments: '{"id":2}' }
  const other = callDigest(aCall('{"name":"drop","arguments":{"id":2}}'))

  it('given an edited call, holds where the rules allow it, for that call only', async () => {
    const question = aQuestion(people, { demand: { edit: true } })
    const receipt = aReceipt('oidc', question, people, { call: other, edited })
    expect(await check(receipt, question, { call: other })).toMatchObject({ ok: true })
    expect(await check(receipt, question)).toEqual({ ok: false, why: 'it is of another call' })
    const silent = aReceipt('oidc', question, people, { call: other })
    expect(await check(silent, question, { call: other })).toMatchObject({ ok: false })
  })

  it.each<[string, Parameters<typeof aQuestion>[1], HowAnswered]>([
    ['where the rules forbid it', {}, {}],
    [
      'where two people must agree',
      { demand: { edit: true, each: [{ by: null, notSelf: false, count: 2, rule: 'a' }] } },
      {},
    ],
    ['that was queued', { demand: { edit: true } }, { binds: { requester: aCall('{}').requester } }],
    [
      'that covers it again',
      { demand: { edit: true, remember: { count: 5, forMs: 600_000 } } },
      { remember: { count: 2, until: after(60).toISOString() } },
    ],
  ])('given an edited call %s, refuses it', async (_title, asked, how) => {
    const question = aQuestion(people, asked)
    const receipt = aReceipt('terminal', question, people, { call: other, edited, ...how })
    expect(await check(receipt, question, { call: other })).toMatchObject({ ok: false })
  })

  it.each<[string, number, number, boolean]>([
    ['as often and as long as the rules allow', 5, 20 + 600, true],
    ['less', 1, 60, true],
    ['more often', 6, 60, false],
    ['for longer', 5, 20 + 601, false],
    ['never', 0, 60, false],
    ['half a time', 0.5, 60, false],
  ])('given one that covers the call again, %s, holds or not', async (_title, count, until, holds) => {
    const question = aQuestion(people, { demand: { remember: { count: 5, forMs: 600_000 } } })
    const remember = { count, until: after(until).toISOString() }
    const receipt = aReceipt('terminal', question, people, { remember })
    expect((await check(receipt, question)).ok).toBe(holds)
    // What was signed is once.
    const more = { ...aReceipt('terminal', question, people), remember }
    expect((await check(more, question)).ok).toBe(false)
    const plain = aQuestion(people)
    expect((await check(aReceipt('terminal', plain, people, { remember }), plain)).ok).toBe(false)
  })
})

describe('the proof `key`', () => {
  it.each([
    ['was not touched', { flags: 0 }, false, /nobody touched/],
    ['was touched, and its user is to be verified', { flags: 1 }, true, /did not verify/],
    ['was made for something else', { namespace: 'git' }, false, /namespace/],
  ])(
    'given a security key that %s, refuses it; its twin holds',
    async (_title, ssh, userVerification, why) => {
      const question = aQuestion(people)
      const personOfKey = () => ({ approver: APPROVERS.key, userVerification })
      const said = await check(aReceipt('key', question, people, { ssh }), question, { personOfKey })
      expect(said).toEqual({ ok: false, why: expect.stringMatching(why) })
      const twin = aReceipt('key', question, people, { ssh: { flags: 5 } })
      expect((await check(twin, question, { personOfKey })).ok).toBe(true)
    },
  )

  it('given a signature of another key than it says, or of nobody’s, refuses it', async () => {
    const question = aQuestion(people)
    const other = sshSigner('ssh-ed25519')
    const signature = other.sign(challengeOf({ ...question, remember: null }))
    const lie = changed(aReceipt('key', question, people), { signature })
    expect(await check(lie, question)).toEqual({ ok: false, why: 'another SSH key signed it than it says' })
    const stranger = changed(aReceipt('key', question, people), { signature, key: other.key })
    expect(await check(stranger, question)).toEqual({
      ok: false,
      why: 'the policy ties that SSH key to nobody',
    })
  })
})
