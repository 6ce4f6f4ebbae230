import type { PROOFS, Receipt } from '../../src/approval.ts'
import type { ApprovalBody, DecisionBody } from '../../src/records.ts'
import { aCall, after, APPROVERS, players } from '../identity/a-receipt.ts'
import { sshSigner } from '../ssh-signer.ts'
import { type AskedLog, approved, passed, waiting } from './an-approval.ts'

/** What a log says of an approval, one record after the other. */
export type Bodies = (log: AskedLog) => readonly (ApprovalBody | DecisionBody)[]

const remember = { count: 2, until: after(600).toISOString() }
const requester = { binds: { requester: aCall('{}').requester } }
const repeated = (log: AskedLog): ApprovalBody => {
  const { heldUntil: _, ...body } = waiting(log)
  return body
}
const again = (log: AskedLog, exchange: number): ApprovalBody => {
  const { approval, call } = log.question
  return { kind: 'approval', exchange, approval, state: 'remembered', call }
}

/** Logs whose calls passed by approvals that they prove. */
export const PROVEN: readonly [string, Bodies][] = [
  ['an answer that was never used', (log) => [waiting(log), approved(log, 'key')]],
  ['two people', (log) => [waiting(log), approved(log, 'key'), approved(log, 'oidc'), passed(log)]],
  ['a call that was denied', (log) => [waiting(log), passed(log, { effect: 'deny' })]],
  ['a call that no longer needed one', (log) => [waiting(log), passed(log, { approval: null })]],
  [
    'an edited call',
    (log) => [
      waiting(log),
      approved(log, 'key', { how: { call: 'ee'.repeat(32), edited: { arguments: '{"id":2}' } } }),
      passed(log),
    ],
  ],
  [
    'an answer that covers a second call',
    (log) => [
      waiting(log),
      approved(log, 'key', { how: { remember } }),
      passed(log),
      again(log, 2),
      passed(log, { exchange: 2 }),
    ],
  ],
  [
    'a question of another session, taken up long after',
    (log) => [
      repeated(log),
      approved(log, 'oidc', { how: { ...requester, claims: { auth_time: after(-600).getTime() / 1000 } } }),
      passed(log),
    ],
  ],
]

/** Logs that say that a call was approved and do not prove it, and what is said of them. */
export const UNPROVEN: readonly [string, Bodies, string | RegExp][] = [
  [
    'without a receipt',
    (log) => [waiting(log), passed(log)],
    'record 3 (line 4) lets a call pass by approval A-7K2P9QXM, and no receipt before it says so',
  ],
  ['without a question', (log) => [passed(log)], /record 2 .* no receipt before it says so/],
  [
    'with a receipt that nobody asked for',
    (log) => [approved(log, 'key')],
    /which nothing before it asks for/,
  ],
  [
    'with a receipt after it',
    (log) => [waiting(log), passed(log), approved(log, 'key')],
    /record 3 .* no receipt/,
  ],
  [
    'for another exchange',
    (log) => [waiting(log), approved(log, 'key'), passed(log, { exchange: 2 })],
    /no receipt/,
  ],
  [
    'with another approval’s',
    (log) => [waiting(log), approved(log, 'key'), passed(log, { approval: 'A-00000000' })],
    /no receipt/,
  ],
  ['twice', (log) => [waiting(log), approved(log, 'key'), passed(log), passed(log)], /no receipt before it/],
  [
    'twice, with its receipt told twice',
    (log) => [waiting(log), approved(log, 'key'), passed(log), approved(log, 'key'), passed(log)],
    /no receipt before it/,
  ],
  [
    'again, by an answer that covers one call',
    (log) => [waiting(log), approved(log, 'key'), passed(log), again(log, 2), passed(log, { exchange: 2 })],
    /covers no more calls/,
  ],
  [
    'again, more often than it covers',
    (log) => [
      waiting(log),
      approved(log, 'key', { how: { remember } }),
      passed(log),
      again(log, 2),
      passed(log, { exchange: 2 }),
      again(log, 3),
      passed(log, { exchange: 3 }),
    ],
    /covers no more calls/,
  ],
  [
    'again, where one of two said yes to one call only',
    (log) => [
      waiting(log),
      approved(log, 'oidc'),
      approved(log, 'key', { how: { remember } }),
      passed(log),
      again(log, 2),
      passed(log, { exchange: 2 }),
    ],
    /covers no more calls/,
  ],
  [
    'again, for another call',
    (log) => [
      waiting(log),
      approved(log, 'key', { how: { remember } }),
      passed(log),
      { ...again(log, 2), call: '00'.repeat(32) },
    ],
    /uses an answer again that nobody gave/,
  ],
  [
    'by one that has no form',
    (log) => [waiting(log), approved(log, 'key', { change: (one) => ({ ...one, more: 1 }) as Receipt })],
    /holds no valid receipt/,
  ],
  [
    'by one of another approval',
    (log) => [waiting(log), approved(log, 'key', { how: { approval: 'A-00000000' } })],
    /no valid receipt/,
  ],
  [
    'by one of another question',
    (log) => [waiting(log), approved(log, 'key', { how: { random: 'A'.repeat(43) } })],
    'record 3 (line 4) holds a receipt that answers another question',
  ],
  [
    'by one of another call',
    (log) => [waiting(log), approved(log, 'key', { how: { call: '00'.repeat(32) } })],
    /is for another call/,
  ],
  [
    'by one of another device',
    (log) => [waiting(log), approved(log, 'key', { how: { device: players().device.id } })],
    /is for another device/,
  ],
  [
    'by one of another session',
    (log) => [waiting(log), approved(log, 'key', { how: { binds: { session: 'S2' } } })],
    /counts in another session only/,
  ],
  ['by one that had expired', (log) => [waiting(log), approved(log, 'key')], /was used after it had expired/],
  [
    'in the name of a question that changed',
    (log) => [waiting(log), waiting(log, { call: '00'.repeat(32) })],
    /asks something else than before/,
  ],
]

/** When the question of such a log ends. */
export function endOfQuestion(title: string): string {
  return title.endsWith('expired') ? '2026-11-21T09:13:00.000Z' : after(2400).toISOString()
}

const proof =
  (change: object) =>
  (one: Receipt): Receipt => ({ ...one, proof: { ...one.proof, ...change } })
const other = sshSigner('ssh-ed25519')

/** Receipts whose proof does not hold, and what is said of them. */
export const FORGED_PROOFS: readonly [
  string,
  (typeof PROOFS)[number],
  Parameters<typeof approved>[2],
  RegExp,
][] = [
  [
    'a signature of another device key',
    'terminal',
    { change: proof({ signature: Buffer.alloc(64).toString('base64url') }) },
    /not signed by the device key/,
  ],
  [
    'another user than it says',
    'terminal',
    { change: proof({ user: 'bob' }) },
    /not signed by the device key/,
  ],
  [
    'a signature that says nothing of it',
    'key',
    { change: proof({ signature: other.sign('x'), key: other.key }) },
    /does not hold/,
  ],
  ['another key than it says', 'key', { change: proof({ key: other.key }) }, /another SSH key than it says/],
  ['an untouched key', 'key', { how: { ssh: { flags: 0 } } }, /nobody touched/],
  ['a token for something else', 'oidc', { how: { claims: { nonce: 'x' } } }, /answers something else/],
  [
    'a token of an old sign-in',
    'oidc',
    { how: { claims: { auth_time: after(-600).getTime() / 1000 } } },
    /no fresh sign-in/,
  ],
  [
    'a token of somebody else',
    'oidc',
    { by: { ...APPROVERS.oidc, sub: '00u1a' } },
    /somebody else than the log says/,
  ],
  [
    'a token of another issuer',
    'oidc',
    { by: { ...APPROVERS.oidc, issuer: 'https://o.example' } },
    /somebody else/,
  ],
  [
    'a token by another key',
    'oidc',
    { change: proof({ jwk: { ...players().issuer.jwk } }) },
    /the key beside it|does not hold/,
  ],
  ['a key that is none', 'oidc', { change: proof({ jwk: {} }) }, /the key beside it/],
  ['no token', 'oidc', { change: proof({ idToken: 'a.b.c' }) }, /has a token that is refused/],
]
