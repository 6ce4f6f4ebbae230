import type { Approver, ProofKind, Receipt } from '../../src/approval.ts'
import type { SessionLog } from '../../src/audit/session-log.ts'
import type { Answered } from '../../src/identity/check-receipt.ts'
import type { ApprovalBody, DecisionBody } from '../../src/records.ts'
import {
  APPROVERS,
  aQuestion,
  aReceipt,
  type HowAnswered,
  type Players,
  players,
} from '../identity/a-receipt.ts'
import { FOOTER, newState, openLog, request, type State, tickingClock } from './a-log.ts'

/** A session's log in which a call was asked about, and who play in it. */
export interface AskedLog {
  readonly state: State
  readonly log: SessionLog
  readonly people: Players
  readonly question: Answered
}

/** Opens a log whose device asks a question about its first exchange. */
export function askedLog(
  state: State = newState(),
  how: Parameters<typeof aQuestion>[1] = {},
  clock = tickingClock('2026-11-21T09:14:10.000Z'),
): AskedLog {
  const { device } = state
  const log = openLog(state, { clock })
  const people = {
    ...players(),
    device: { id: device.id, sign: (bytes: Uint8Array) => device.sign(bytes) },
  }
  const question = aQuestion(people, { session: log.session, ...how })
  log.append(request(1, { decision: { effect: 'ask', rules: ['rules[0]'], why: 'one asks' } }))
  return { state, log, people, question }
}

/** The record of a question. */
export function waiting({ question }: AskedLog, more: Partial<ApprovalBody> = {}): ApprovalBody {
  const { approval, call, challenge, answerBy } = question
  const demand = { proof: 'terminal', confirm: 'key' } as const
  const times = { heldUntil: '2026-11-21T09:15:06.000Z', expires: answerBy }
  return {
    kind: 'approval',
    exchange: 1,
    approval,
    state: 'waiting',
    definition: null,
    call,
    challenge,
    demand,
    ...times,
    ...more,
  }
}

/** The record of a receipt that holds, as far as the shim says. */
export function approved(
  { question, people }: AskedLog,
  kind: ProofKind,
  {
    by = APPROVERS[kind],
    how = {},
    change = (receipt) => receipt,
    ...more
  }: Partial<Omit<ApprovalBody, 'by'>> & {
    readonly by?: Approver
    readonly how?: HowAnswered
    readonly change?: (receipt: Receipt) => Receipt
  } = {},
): ApprovalBody {
  const receipt = change(aReceipt(kind, question, people, how))
  return {
    kind: 'approval',
    exchange: 1,
    approval: question.approval,
    state: 'approved',
    receipt,
    by,
    ...more,
  }
}

/** The record that lets a call pass. */
export function passed({ question }: AskedLog, more: Partial<DecisionBody> = {}): DecisionBody {
  const own = { kind: 'decision', exchange: 1, effect: 'allow', rules: ['rules[0]'] } as const
  return { ...own, approval: question.approval, why: 'approved by alice', sent: null, ...more }
}

/** Writes records and the footer; gives the path of the whole log. */
export function written({ log }: AskedLog, bodies: readonly (ApprovalBody | DecisionBody)[]): string {
  for (const body of bodies) log.append(body)
  log.close(FOOTER)
  return log.path
}
