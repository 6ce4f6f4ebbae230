import type { Answer } from '../approval.ts'
import type { Decision } from '../decision.ts'
import type { ApprovalBody } from '../records.ts'
import { visible } from '../visible.ts'
import { denial, whatOf } from './deny.ts'
import type { HeldCall } from './held-calls.ts'
import type { Shim } from './shim.ts'

/** Why a held call is not sent. */
interface Refused {
  readonly why: string
  /** null: nobody was asked in the end. */
  readonly approval: string | null
  /** The answer that denied it. */
  readonly no?: Extract<Answer, { readonly kind: 'deny' }>
  /** The rules of a decision that was made after the question. */
  readonly rules?: readonly string[]
}

const SHOWN_CHARACTERS = 500

/** Ends a held call with a denial: recorded, and told to the client. */
export function endDenied(held: HeldCall, { why, approval, no, rules }: Refused, shim: Shim): void {
  if (!letGo(held, shim)) return
  const { exchange, question, matter } = held
  shim.held.over(question.approval)
  if (no !== undefined) shim.desk?.over(question.approval, 'denied')
  if (no !== undefined) note(held, { state: 'denied', by: no.by, text: no.message }, shim)
  const decision: Decision = {
    effect: 'deny',
    rules: rules ?? question.rules,
    why: no === undefined ? why : deniedBy(no),
    reasons: question.reasons,
  }
  shim.say(`denied ${whatOf(matter.call)} of \`${shim.server.label}\`: ${decision.why}`)
  answer(held, decision, approval, shim)
  shim.fromClient.end(exchange.id)
}

/** Ends the time for which a call is held: from now on it is queued, or denied. */
export function endPending(held: HeldCall, shim: Shim): void {
  const { question, repeated } = held
  const { approval, demand } = question
  if (repeated) return endRepeated(held, shim)
  if (demand.onTimeout === 'queue' && shim.desk?.queue(approval) === true) {
    note(held, { state: 'queued', expires: question.answerBy }, shim)
    return endQueued(held, shim)
  }
  const why = `nobody answered within ${demand.waitMs / 1000} s`
  shim.desk?.withdraw(approval, why)
  note(held, { state: 'expired', why }, shim)
  endDenied(held, { why, approval }, shim)
}

/** Ends a held call whose client waits no longer; what would have been queued is, and else it is withdrawn. */
export function leaveHeld(held: HeldCall, why: string, shim: Shim): void {
  if (!letGo(held, shim) || held.repeated) return
  const { question } = held
  const { approval, demand } = question
  if (demand.onTimeout === 'queue' && shim.desk?.queue(approval) === true) {
    shim.held.queued(question)
    return note(held, { state: 'queued', expires: question.answerBy, why }, shim)
  }
  shim.desk?.withdraw(approval, why)
  note(held, { state: 'withdrawn', why }, shim)
}

/** Records what became of a question. */
export function note(
  { exchange, question }: HeldCall,
  what: Omit<ApprovalBody, 'kind' | 'exchange' | 'approval'>,
  shim: Shim,
): void {
  const { approval } = question
  shim.outbox.note({ kind: 'approval', exchange: exchange.number, approval, ...what }, null)
}

// Nobody may answer it any more, and what was answered is not enough.
function endRepeated(held: HeldCall, shim: Shim): void {
  const { approval, answerBy } = held.question
  if (shim.clock.now() < new Date(answerBy)) return endQueued(held, shim)
  const why = `approval ${approval} ran out before enough people answered; the same call asks anew`
  shim.desk?.withdraw(approval, why)
  note(held, { state: 'expired', why }, shim)
  endDenied(held, { why, approval }, shim)
}

// The words that a model is to act on stand in the middle of it: do other work, then repeat.
function endQueued(held: HeldCall, shim: Shim): void {
  if (!letGo(held, shim)) return
  const { question, exchange } = held
  const { approval, rules, reasons } = question
  shim.held.queued(question)
  const why = `waiting for approval ${approval}: do other work, then repeat the same call`
  answer(held, { effect: 'ask', rules, why, reasons }, approval, shim)
  shim.fromClient.end(exchange.id)
}

/** Lets go of a call that nobody has let go of yet. */
function letGo(held: HeldCall, shim: Shim): boolean {
  return shim.held.release(held)
}

function answer(
  { message, exchange }: HeldCall,
  decision: Decision,
  approval: string | null,
  shim: Shim,
): void {
  const { effect, rules, why } = decision
  const body = {
    kind: 'decision',
    exchange: exchange.number,
    effect,
    rules,
    approval,
    why,
    sent: null,
  } as const
  const bytes = denial(message, exchange, decision, shim, approval)
  const deliver = () => shim.client.send(bytes)
  shim.outbox.stage(body, null, { kind: 'message', deliver, withhold: deliver })
}

/** Says in one line who denied something, and what they wrote. It is quoted: the words are theirs, not hoopctl's. */
export function deniedBy({ by, message }: Extract<Answer, { readonly kind: 'deny' }>): string {
  const who = quotable(by)
  if (message === null || message === '') return `${who} denied it`
  return `${who} denied it and wrote: "${quotable(message)}"`
}

// Whoever writes a team's store may deny in anybody's name: no quote ends early, and no line begins anew.
function quotable(text: string): string {
  return visible(text.slice(0, SHOWN_CHARACTERS)).replaceAll('"', "'")
}
