import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { AskedCall, Demand, ProofKind, Receipt, ReceiptProof } from '../../src/approval.ts'
import { callDigest, challengeOf } from '../../src/call-digest.ts'
import type { Answered, ReceiptChecks } from '../../src/identity/check-receipt.ts'
import { verifyingKey } from '../../src/identity/verifying-key.ts'
import { verifyIdToken } from '../../src/identity/verify-id-token.ts'
import { terminalProofText } from '../../src/terminal-proof.ts'
import { sshSigner, type SshForm, type SshSigner } from '../ssh-signer.ts'
import { type AnIssuer, anIssuer } from './an-issuer.ts'

/** A device with a key of its own. */
export function aDevice(): Players['device'] {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const id = `ed25519:${publicKey.export({ format: 'jwk' }).x ?? ''}`
  return { id, sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) }
}

/** A call whose params are this text. */
export function aCall(params: string, more: Partial<AskedCall> = {}): AskedCall {
  const server = {
    name: 'orders',
    command: '/opt/orders',
    sha256: 'e0'.repeat(32),
    args: 'a0'.repeat(32),
    cwd: '/srv',
  }
  const requester = { issuer: 'https://login.acme.example', sub: '00u1a' }
  return { server, definition: 'cb'.repeat(32), method: 'tools/call', params, requester, ...more }
}

export const ASKED = new Date('2026-11-21T09:14:21.000Z')

/** The instant so many seconds after it was asked. */
export const after = (seconds: number) => new Date(ASKED.getTime() + seconds * 1000)

const DEMAND: Demand = {
  each: [{ by: null, notSelf: false, count: 1, rule: 'rules[0]' }],
  proof: 'terminal',
  confirm: 'key',
  waitMs: 45_000,
  onTimeout: 'queue',
  timeoutMs: 30 * 60_000,
  validMs: 10 * 60_000,
  edit: false,
  remember: null,
  messages: [],
}

/** All who play in an approval: the device that asks, a person's SSH key, an issuer. */
export interface Players {
  readonly device: { readonly id: string; sign(bytes: Uint8Array): Buffer }
  readonly ssh: SshSigner
  readonly issuer: AnIssuer
}

/** Makes new players. */
export function players(): Players {
  return { device: aDevice(), ssh: sshSigner('sk-ssh-ed25519@openssh.com'), issuer: anIssuer() }
}

/** A question about a call, asked at ASKED, that lives for half an hour. */
export function aQuestion(
  { device }: Players,
  { demand = {}, ...more }: Partial<Omit<Answered, 'demand'>> & { readonly demand?: Partial<Demand> } = {},
): Answered {
  const call = more.call ?? callDigest(aCall('{"name":"drop","arguments":{"id":1}}'))
  const challenged = {
    call,
    approval: 'A-7K2P9QXM',
    device: device.id,
    random: randomBytes(32).toString('base64url'),
    expires: after(40 * 60).toISOString(),
  }
  const times = { asked: ASKED.toISOString(), answerBy: after(30 * 60).toISOString() }
  const { requester } = aCall('{}')
  const question = { ...challenged, ...times, session: 'S1', requester, ...more }
  const challenge = challengeOf({ ...question, remember: null })
  return { ...question, challenge, demand: { ...DEMAND, ...demand } }
}

/** What a person answers otherwise than plainly yes, twenty seconds after they were asked. */
export interface HowAnswered extends Partial<Omit<Receipt, 'proof'>> {
  /** What the ID token says otherwise. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly ssh?: SshForm
}

/** Answers a question with yes. */
export function aReceipt(
  kind: ProofKind,
  question: Answered,
  people: Players,
  { claims = {}, ssh = {}, ...more }: HowAnswered = {},
): Receipt {
  const { call, approval, device, random, expires, session } = question
  const receipt = {
    format: 'hoopctl-approval/1',
    answer: 'approve',
    call,
    approval,
    device,
    random,
    expires,
    binds: { session },
    edited: null,
    remember: null,
    at: after(20).toISOString(),
    ...more,
  } as const
  return { ...receipt, proof: aProof(kind, challengeOf(receipt), people, { claims, ssh }) }
}

function aProof(
  kind: ProofKind,
  challenge: string,
  { device, ssh, issuer }: Players,
  how: Required<Pick<HowAnswered, 'claims' | 'ssh'>>,
): ReceiptProof {
  switch (kind) {
    case 'terminal': {
      const signature = device.sign(terminalProofText(challenge, 'alice')).toString('base64url')
      return { kind, user: 'alice', signature }
    }
    case 'key':
      return { kind, key: ssh.key, signature: ssh.sign(challenge, how.ssh) }
    case 'oidc': {
      const seconds = ASKED.getTime() / 1000
      const own = { iss: issuer.provider.issuer, aud: 'hoopctl-approve', sub: '00u9b', nonce: challenge }
      const times = { iat: seconds + 18, auth_time: seconds + 15, exp: seconds + 300 }
      const idToken = issuer.sign({ ...own, ...times, email: 'bob@acme.example', ...how.claims })
      return { kind, idToken, jwk: issuer.jwk }
    }
  }
}

/** Who the players are to the checks. */
export const APPROVERS = {
  terminal: { issuer: 'local', sub: 'alice', email: null, groups: [], authTime: null },
  key: { issuer: 'https://login.acme.example', sub: '00u9b', email: null, groups: ['dba'], authTime: null },
  oidc: {
    issuer: 'https://login.acme.example',
    sub: '00u9b',
    email: 'bob@acme.example',
    groups: ['dba'],
    authTime: after(15).toISOString(),
  },
} as const

/** What receipts are checked with: half a minute after the question, in the session that asked. */
export function theChecks(question: Answered, { ssh, issuer }: Players, more: Partial<ReceiptChecks> = {}) {
  const { provider } = issuer
  const checks: ReceiptChecks = {
    call: question.call,
    session: 'S1',
    now: after(30),
    personOfKey: (key) => (key === ssh.key ? { approver: APPROVERS.key, userVerification: false } : null),
    oidc: {
      settings: { issuer: provider.issuer, clientId: 'hoopctl', approvals: { clientId: 'hoopctl-approve' } },
      verify: (token, expected) => verifyIdToken(token, { ...expected, provider }),
      keyOf: (token, now) => verifyingKey(token, provider, now),
      isPairwise: () => Promise.resolve(provider.pairwise),
      approverOfClaims: ({ sub, email }) => {
        const named = typeof sub === 'string' && typeof email === 'string'
        return named ? { issuer: provider.issuer, sub, email, groups: ['dba'] } : null
      },
    },
    ...more,
  }
  return checks
}
