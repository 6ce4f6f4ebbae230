import type { Answer, Question, Receipt, ReceiptProof } from '../../src/approval.ts'
import { approvalId } from '../../src/approval-id.ts'
import { sha256 } from '../../src/digest.ts'
import type { RefusedApproval } from '../../src/state/approval-ground.ts'
import { Approvals } from '../../src/state/approvals.ts'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { sealKeyIn } from '../fixtures/state/seal-key.ts'
import { at, open, type Place } from './a-state.ts'

/** The approval's id with that number. */
export function idOf(number: number): string {
  return approvalId(Buffer.from([0, 0, 0, 0, 0, 0, number >> 5, number]))
}

export const ANA = { issuer: 'https://id.example', sub: 'ana' }

export const DEMAND: Question['demand'] = {
  proof: 'oidc',
  confirm: 'key',
  waitMs: 45_000,
  onTimeout: 'queue',
  timeoutMs: 300_000,
  validMs: 300_000,
  edit: true,
  remember: { count: 3, forMs: 60_000 },
  each: [
    { by: { groups: ['dba'], emails: ['eve@example.com'] }, notSelf: true, count: 2, rule: 'rules[0]' },
    { by: 'everyone', notSelf: false, count: 1, rule: 'rules.writes' },
    { by: null, notSelf: false, count: 1, rule: 'rules[2]' },
  ],
  messages: ['look at the table'],
}

/** A question that was asked at noon, may be answered for five minutes, and whose answers may be used for ten. */
export function aQuestion(members: Partial<Question> = {}): Question {
  return {
    format: 'hoopctl-question/1',
    call: sha256('call'),
    approval: idOf(1),
    device: 'ed25519:A',
    random: 'r'.repeat(43),
    expires: at(600).toISOString(),
    challenge: sha256('challenge'),
    server: {
      name: 'orders',
      command: '/usr/bin/orders',
      sha256: sha256('file'),
      args: sha256('[]'),
      cwd: '/',
    },
    definition: sha256('{}'),
    method: 'tools/call',
    params: '{"name":"write","arguments":{"text":"ünï \\u0000 \\"q\\""}}',
    requester: ANA,
    asked: at(0).toISOString(),
    heldUntil: at(45).toISOString(),
    answerBy: at(300).toISOString(),
    session: '01SESSION',
    policy: { key: 'trust:00/p', name: 'p', version: 7, digest: sha256('policy'), signed: true },
    label: 'orders',
    definitionText: '{}',
    demand: DEMAND,
    rules: ['rules[0]', 'rules.writes', 'rules[2]'],
    reasons: ['writes need a look'],
    claims: {
      subject: { ...ANA, email: 'ana@example.com', groups: ['dev'], kind: 'human' },
      client: { name: 'client', version: '1' },
      grants: ['orders-write'],
      calls: 4,
      earlier: [{ at: at(-5).toISOString(), what: 'read', effect: 'allow' }],
      note: null,
    },
    ...members,
  }
}

export const PROOF: ReceiptProof = { kind: 'oidc', idToken: 'a.b.c', jwk: { kty: 'OKP', x: 'abc' } }

/** A receipt for a question, which proves nothing. */
export function aReceipt(question: Question, members: Partial<Receipt> = {}): Receipt {
  const { call, approval, device, random, expires, requester } = question
  const challenged = { call, approval, device, random, expires }
  const rest = { edited: null, remember: null, at: at(20).toISOString(), proof: PROOF }
  const fixed = { format: 'hoopctl-approval/1', answer: 'approve', binds: { requester } } as const
  return { ...fixed, ...challenged, ...rest, ...members }
}

/** A yes; another proof is another person's. */
export function anApproval(question: Question, proof: ReceiptProof = PROOF): Answer & { kind: 'approve' } {
  return { kind: 'approve', receipt: aReceipt(question, { proof }) }
}

/** A no. */
export function aDenial(approval: string, message: string | null = 'not on a Friday'): Answer {
  return { kind: 'deny', approval, by: 'bob', message, at: at(20).toISOString() }
}

/** Opens the approvals of a place as a process does; all processes run until a test says otherwise. */
export function openApprovals(
  place: Place,
  needs: {
    readonly monotonic?: () => number
    readonly startOf?: (pid: number) => string | null
    readonly uptime?: () => number
  } = {},
) {
  const state = open(place)
  const clock = new ClockMark(state)
  const refused: RefusedApproval[] = []
  const key = sealKeyIn(place.root)
  const onRefused = (each: RefusedApproval) => void refused.push(each)
  const approvals = new Approvals(state, { key, clock, onRefused, startOf: () => 'boot', ...needs })
  return { state, clock, refused, approvals }
}
