import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { Answer, Question } from '../../../src/approval.ts'
import { approvalId } from '../../../src/approval-id.ts'
import { callDigest, challengeOf } from '../../../src/call-digest.ts'
import type { SigningDevice } from '../../../src/cli/approvals/signed-text.ts'

/** Makes a device with a key of its own. */
export function aDevice(): SigningDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const id = `ed25519:${publicKey.export({ format: 'jwk' }).x ?? ''}`
  return { id, sign: (bytes) => sign(null, bytes, privateKey) }
}

const NOON = new Date('2026-11-05T12:00:00.000Z')

/** The instant so many seconds after the tests' noon. */
export const at = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000)

/** Makes a sound question of a device, asked so many seconds after noon, that lives for half an hour. */
export function aQuestion(device: SigningDevice, seconds = 0, more: Partial<Question> = {}): Question {
  const requester = more.requester ?? { issuer: 'https://id.example', sub: 'ana' }
  const args = `{"name":"drop","arguments":{"table":"orders","secret":"hunter2"}}`
  const server = {
    name: 'orders',
    command: '/opt/orders',
    sha256: 'e0'.repeat(32),
    args: 'a0'.repeat(32),
    cwd: '/srv',
  }
  const call = { server, definition: null, method: 'tools/call', params: more.params ?? args, requester }
  const challenged = {
    call: callDigest(call),
    approval: approvalId(randomBytes(8)),
    device: device.id,
    random: randomBytes(32).toString('base64url'),
    expires: at(seconds + 2400).toISOString(),
  }
  return {
    format: 'hoopctl-question/1',
    ...call,
    ...challenged,
    challenge: challengeOf({ ...challenged, remember: null }),
    asked: at(seconds).toISOString(),
    heldUntil: at(seconds + 45).toISOString(),
    answerBy: at(seconds + 1800).toISOString(),
    session: 'S1',
    policy: { key: 'trust:00/acme', name: 'acme', version: 7, digest: 'd0'.repeat(32), signed: true },
    label: 'orders',
    definitionText: null,
    demand: {
      each: [{ by: null, notSelf: true, count: 1, rule: 'rules[0]' }],
      proof: 'oidc',
      confirm: 'key',
      waitMs: 45_000,
      onTimeout: 'queue',
      timeoutMs: 1_800_000,
      validMs: 600_000,
      edit: false,
      remember: null,
      messages: ['Look twice.'],
    },
    rules: ['rules[0]'],
    reasons: ['it drops a table'],
    claims: {
      subject: { ...requester, email: 'ana@acme.example', groups: ['dev'], kind: 'human' },
      client: null,
      grants: [],
      calls: 3,
      earlier: [],
      note: null,
    },
    ...more,
  }
}

/** Makes a no to a question. */
export function aNo({ approval }: Question, by = 'bob'): Answer {
  return { kind: 'deny', approval, by, message: 'not today', at: at(20).toISOString() }
}

/** Makes a yes to a question, whose proof nobody has looked at. */
export function aYes(question: Question): Answer {
  const { call, approval, device, random, expires, session } = question
  const proof = { kind: 'terminal', user: 'bob', signature: 'none' } as const
  return {
    kind: 'approve',
    receipt: {
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
      at: at(20).toISOString(),
      proof,
    },
  }
}
