import type { Approver, Demand } from '../approval.ts'
import { callDigest } from '../call-digest.ts'
import type { Decision } from '../decision.ts'
import { mayAnswer, missingAnswers } from '../policy/answers-met.ts'
import { laterBy } from '../instant.ts'
import { isAtLeast } from '../policy/merge-terms.ts'
import { editedCall } from './edited-call.ts'
import { endDenied, note } from './end-held.ts'
import { grantsBehind } from './grants-behind.ts'
import type { Asked, HeldCall } from './held-calls.ts'
import { judge } from './judge.ts'
import type { Verified } from './look-at-answers.ts'
import { askedCall } from './new-question.ts'
import { rememberAnswers } from './remembered-answers.ts'
import type { Shim } from './shim.ts'
import { stagePassing, toSend } from './stage-passing.ts'
import { takeUp } from './take-up.ts'

/**
 * Decides a held call once more, with the sign-in, activations, policy and limits of this moment, and sends it where the
 * answers meet what the rules demand now. Returns whether the call has ended, one way or the other.
 */
export function releaseHeld(held: HeldCall, good: readonly Verified[], shim: Shim): boolean {
  takeUp(shim)
  if (!shim.held.all().includes(held)) return true // somebody else signed in meanwhile
  const edited = good.find(({ receipt }) => receipt.edited !== null)
  const asked = edited === undefined ? held : whatWasEdited(held, edited, shim)
  if (asked === null) return denied(held, 'the edited call cannot be read', [], shim)
  const decision = decideAgain(asked, shim)
  if (decision.effect === 'deny') return denied(held, decision.why, decision.rules, shim)
  // A changed definition may have been accepted meanwhile: what was approved was a call of the one before.
  if (callDigest(askedCall(held, shim)) !== held.question.call)
    return denied(held, 'its tool or its server changed while it waited', [], shim)
  if (decision.effect === 'allow') {
    // What was approved is another call than the one that came, which nothing was decided about just now.
    if (edited === undefined) return sendUnasked(held, decision, shim)
    const why = 'as it was edited it needs no approval any more: make that call'
    return denied(held, why, decision.rules, shim)
  }
  return sendByAnswers(held, { asked, decision, good, edited: edited !== undefined }, shim)
}

/** Sends a call that the rules ask about, where the answers are enough by now; else it waits on, or is denied. */
function sendByAnswers(held: HeldCall, { asked, decision, good, edited }: Sending, shim: Shim): boolean {
  const { demand, rules } = decision
  const missing =
    demand === undefined ? ['nobody can be asked'] : stillMissing(demand, held, good, shim.clock.now())
  if (demand === undefined || missing.length > 0) {
    if (sameDemand(demand, held.question.demand)) return false
    const why = `the policy changed while it waited, and now wants more: ${missing.join('; ')}`
    return denied(held, why, rules, shim)
  }
  if (!claim(held, good, shim))
    return denied(held, 'its approval was used, denied or withdrawn meanwhile', rules, shim)
  if (!shim.authority.use(grantsBehind(rules))) {
    shim.desk?.settle(held.question.approval, 'not-sent')
    return denied(held, 'the grant behind it has no use left', rules, shim)
  }
  const counting = countingOf(good, demand, held)
  rememberAnswers(held, counting, demand, shim)
  send(held, { asked, decision, good: counting, edited }, shim)
  return true
}

// Only they are named as those who approved it.
function countingOf(good: readonly Verified[], demand: Demand, { question }: HeldCall): readonly Verified[] {
  return good.filter(
    ({ approver, proof }) =>
      isAtLeast(proof, demand.proof) && mayAnswer(demand, question.requester, approver).ok,
  )
}

function stillMissing(
  demand: Demand,
  { question }: HeldCall,
  good: readonly Verified[],
  now: Date,
): readonly string[] {
  if (demand.validMs < question.demand.validMs) return ['an answer that is younger'] // their age was judged by what was asked
  if (demand.confirm === 'type' && question.demand.confirm !== 'type') return ['a word that is typed']
  if (laterBy(new Date(question.asked), demand.timeoutMs) <= now) return ['an answer that comes sooner']
  for (const { receipt } of good) {
    if (receipt.edited !== null && !demand.edit) return ['the call as it came, not edited']
    if ('requester' in receipt.binds && demand.onTimeout === 'deny')
      return ['an answer for this session only']
  }
  return missingAnswers(demand, question.requester, good)
}

function decideAgain({ matter, row, exchange }: Asked, shim: Shim): Decision {
  const { policy } = shim.standing
  const limited =
    shim.limits.check(policy.limits, () => shim.fromClient.calls()) ?? shim.evidence?.check(policy)
  return limited ?? judge(matter, row, exchange.client, shim)
}

function whatWasEdited(held: HeldCall, { receipt }: Verified, shim: Shim): Asked | null {
  const made = receipt.edited === null ? null : editedCall(held, receipt.edited.arguments, shim)
  return made?.ok === true ? made.asked : null
}

function denied(held: HeldCall, why: string, rules: readonly string[], shim: Shim): true {
  const { approval } = held.question
  shim.desk?.withdraw(approval, why)
  endDenied(held, { why, approval, rules }, shim)
  return true
}

function claim({ question, exchange, repeated }: HeldCall, good: readonly Verified[], shim: Shim): boolean {
  // What is repeated was queued before: another session may use it, too.
  const endsWithSession = !repeated && good.every(({ receipt }) => 'session' in receipt.binds)
  const use = { session: shim.log.session, exchange: exchange.number, endsWithSession }
  return shim.desk?.claim(question.approval, use) ?? false
}

interface Sending {
  readonly asked: Asked
  readonly decision: Decision
  readonly good: readonly Verified[]
  readonly edited: boolean
}

/** Records by whom it was approved, then sends it. */
function send(held: HeldCall, { asked, decision, good, edited }: Sending, shim: Shim): void {
  const { exchange, question } = held
  const { approval, call, challenge, session } = question
  // A log that has not the question itself says what was asked.
  const elsewhere = session === shim.log.session ? {} : { definition: question.definition, call, challenge }
  for (const { receipt, approver } of good)
    note(held, { state: 'approved', ...elsewhere, receipt, by: approver }, shim)
  shim.held.release(held)
  shim.held.over(approval)
  exchange.approved = { id: approval, how: edited ? 'edited' : 'asked' }
  exchange.call = asked.matter.call // what comes of it is judged by what was sent
  exchange.sent = true
  const why = `approved by ${good.map(({ approver }) => nameOf(approver)).join(' and ')}`
  stagePassing({ rules: decision.rules, approval, why }, held, toSend(asked), shim)
}

// The rules no longer ask: nothing is claimed, and nobody need answer any more.
function sendUnasked(held: HeldCall, { rules }: Decision, shim: Shim): true {
  const { exchange, question } = held
  if (!shim.authority.use(grantsBehind(rules)))
    return denied(held, 'the grant behind it has no use left', rules, shim)
  const why = 'the rules of now allow it without an approval'
  shim.desk?.withdraw(question.approval, why)
  note(held, { state: 'withdrawn', why }, shim)
  shim.held.release(held)
  shim.held.over(question.approval)
  exchange.sent = true
  stagePassing({ rules, approval: null, why }, held, toSend(held), shim)
  return true
}

function nameOf({ email, sub }: Approver): string {
  return email ?? sub
}

function sameDemand(now: Demand | undefined, then: Demand): boolean {
  return JSON.stringify(now) === JSON.stringify(then)
}
