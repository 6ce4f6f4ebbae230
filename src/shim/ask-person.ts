import type { AskedCall, Demand, Question } from '../approval.ts'
import { callDigest } from '../call-digest.ts'
import type { Decision } from '../decision.ts'
import type { StoredQuestion } from '../state/approvals.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import { deny, whatOf } from './deny.ts'
import { deniedBy, endDenied, endPending } from './end-held.ts'
import type { Asked, HeldCall } from './held-calls.ts'
import { tellWaiting } from './held-progress.ts'
import { lookAtAnswers } from './look-at-answers.ts'
import { askedCall, newQuestion } from './new-question.ts'
import { recordAsked } from './record-asked.ts'
import { sendRemembered } from './remembered-answers.ts'
import type { Shim } from './shim.ts'

// What a person cannot read through in the end is not put to them.
const MAX_PARAMS_CHARACTERS = 1024 * 1024

/** Everything about one call that is asked about. */
interface Asking {
  readonly asked: Asked
  readonly decision: Decision
  readonly demand: Demand
  readonly call: AskedCall
  readonly digest: string
  readonly desk: ApprovalDesk
}

/**
 * Takes a call that a rule asks about: it is recorded, and passes by an answer that was remembered or was given meanwhile;
 * else it steps aside and a person is asked (docs/design.md, "Approvals"). Later messages pass it.
 */
export function askPerson(asked: Asked, decision: Decision, shim: Shim): void {
  const { demand } = decision
  const { desk } = shim
  const call = askedCall(asked, shim)
  if (desk === null || demand === undefined)
    return refuse(
      asked,
      decision,
      'a rule asks, and this machine’s shared state cannot be read, so nobody can be asked',
      shim,
    )
  if (call.params.length > MAX_PARAMS_CHARACTERS)
    return refuse(asked, decision, 'a rule asks, and the call is too long for a person to read', shim)
  const asking = { asked, decision, demand, call, digest: callDigest(call), desk }
  if (demand.remember !== null && sendRemembered(asked, decision, asking.digest, shim)) return
  const earlier = desk.ofCall(asking.digest, call.requester)
  const answerable = earlier.filter((one) => isAnswerable(one, shim))
  // The same call may have been asked about twice: the one that somebody answered is meant.
  const open = answerable.find(({ answers }) => answers.length > 0) ?? answerable[0]
  if (open !== undefined) return repeat(open, asking, shim)
  const denied = earlier.find((one) => isUntold(one) && shim.held.tell(one.question.approval))
  if (denied !== undefined) return tellDenied(denied, asking, shim)
  if (shim.held.waiting(shim.clock.now()) >= shim.standing.policy.approvals.maxWaiting)
    return refuse(
      asked,
      decision,
      'too many calls of this session wait for a person (approvals.maxWaiting)',
      shim,
    )
  ask(asking, noteOf(earlier), shim)
}

function refuse({ message, exchange }: Asked, { rules, reasons }: Decision, why: string, shim: Shim): void {
  deny(message, exchange, { effect: 'deny', rules, why, reasons }, shim)
}

// Recorded before anybody is asked; where it cannot be, nobody is.
function ask(asking: Asking, note: string | null, shim: Shim): void {
  const { asked, decision, demand, call, desk } = asking
  const question = newQuestion(asked, call, { decision, demand, note }, desk.device, shim)
  const held = hold(asking, question, shim)
  recordAsked(asked, decision, shim)
  const { heldUntil, answerBy } = question
  shim.outbox.stage({ ...waiting(held), heldUntil, expires: answerBy }, null, {
    kind: 'message',
    deliver: () => put(held, desk, shim),
    withhold: () =>
      endDenied(held, { why: 'this session cannot be recorded, so nobody is asked', approval: null }, shim),
  })
}

function put(held: HeldCall, desk: ApprovalDesk, shim: Shim): void {
  const { question, matter } = held
  if (!shim.held.all().includes(held)) return // its client took it back with the next line
  if (!desk.ask(question)) {
    const why = 'the question cannot be kept in this machine’s shared state, so nobody can be asked'
    return endDenied(held, { why, approval: null }, shim)
  }
  const { approval } = question
  shim.say(
    `${whatOf(matter.call)} of \`${shim.server.label}\` waits for a person: hoopctl approve ${approval}`,
  )
}

function hold(asking: Asking, question: Question, shim: Shim): HeldCall {
  const { demand, asked } = asking
  const timer = setTimeout(() => shim.later(() => endPending(held, shim)), demand.waitMs)
  const stopTelling = tellWaiting(asked.exchange, question.approval, shim)
  const stop = () => {
    clearTimeout(timer)
    stopTelling()
  }
  const held: HeldCall = { ...asked, question, repeated: false, checked: new Map(), stop }
  shim.held.hold(held)
  return held
}

/** Takes the same call once more: it passes if it was approved meanwhile, else its client is told that it still waits. */
function repeat({ question }: StoredQuestion, asking: Asking, shim: Shim): void {
  const held = holdAgain(question, asking, shim)
  const { approval, answerBy } = question
  shim.outbox.stage({ ...waiting(held), expires: answerBy }, null, {
    kind: 'message',
    deliver: () => lookAtAnswers(held, shim),
    withhold: () =>
      endDenied(held, { why: 'this session cannot be recorded, so nothing is sent', approval }, shim),
  })
}

function tellDenied({ question, answers }: StoredQuestion, asking: Asking, shim: Shim): void {
  const held = holdAgain(question, asking, shim)
  const no = answers.find((answer) => answer.kind === 'deny')
  endDenied(
    held,
    { why: 'a person denied it', approval: question.approval, ...(no !== undefined && { no }) },
    shim,
  )
}

function holdAgain(question: Question, { asked, decision }: Asking, shim: Shim): HeldCall {
  const held: HeldCall = { ...asked, question, repeated: true, checked: new Map(), stop: () => undefined }
  shim.held.hold(held)
  recordAsked(asked, decision, shim)
  return held
}

function waiting({ exchange, question }: HeldCall) {
  const { approval, definition, call, challenge, demand } = question
  const body = { kind: 'approval', exchange: exchange.number, approval, state: 'waiting' } as const
  return { ...body, definition, call, challenge, demand: demandBody(demand) }
}

function isAnswerable({ state, question, answers }: StoredQuestion, shim: Shim): boolean {
  if (state !== 'queued') return false
  return answers.length > 0 || shim.clock.now().getTime() < new Date(question.answerBy).getTime()
}

// Whoever held the call has told its client already.
function isUntold({ state, question, answers }: StoredQuestion): boolean {
  if (state !== 'denied') return false
  const no = answers.find((answer) => answer.kind === 'deny')
  return no !== undefined && new Date(no.at) >= new Date(question.heldUntil)
}

/** What a person should know of the questions before this one: the last that was used or denied, else one that ran out. */
function noteOf(earlier: readonly StoredQuestion[]): string | null {
  for (const one of earlier) {
    const note = noteOfOne(one)
    if (note !== null) return note
  }
  const expired = earlier.find(({ state }) => state === 'queued')
  return expired === undefined ? null : `approval ${expired.question.approval} for the same call expired`
}

function noteOfOne({ question: { approval }, state, claim, answers }: StoredQuestion): string | null {
  if (state === 'used' && claim !== null) {
    const when = `approval ${approval}, ${claim.at.toISOString()}`
    if (claim.outcome === 'unknown')
      return `the same call was sent before and never answered: it may have happened (${when})`
    if (claim.outcome === 'answered') return `the same call was approved and sent before (${when})`
  }
  // Whether it was sent then, no record that outlives a power cut tells.
  if (state === 'held')
    return `the same call waited for a person when this machine went down: it may have happened (approval ${approval})`
  const no = state === 'denied' ? answers.find((answer) => answer.kind === 'deny') : undefined
  return no === undefined
    ? null
    : `the same call was denied before: ${deniedBy(no)} (approval ${approval}, ${no.at})`
}

function demandBody({ each, proof, confirm }: Demand) {
  const [first, ...others] = each
  if (first === undefined || others.length > 0) return { proof, confirm, each }
  const { by, notSelf, count: people } = first
  return { by, notSelf, count: people, proof, confirm }
}
