import type { Approver, Demand } from '../approval.ts'
import { callDigest } from '../call-digest.ts'
import type { Decision } from '../decision.ts'
import { sha256 } from '../digest.ts'
import { mayAnswer, missingAnswers } from '../policy/answers-met.ts'
import type { DecisionBody } from '../records.ts'
import { denial, unrecorded, whatOf } from './deny.ts'
import { editedCall } from './edited-call.ts'
import { endDenied, note } from './end-held.ts'
import { rewrite } from './forward-request.ts'
import { grantsBehind } from './grants-behind.ts'
import type { Asked, HeldCall } from './held-calls.ts'
import { judge } from './judge.ts'
import type { Verified } from './look-at-answers.ts'
import { askedCall } from './new-question.ts'
import { ownMetaEdits } from './own-meta.ts'
import { recordAsked } from './record-asked.ts'
import type { Shim } from './shim.ts'
import type { Standing } from './standing.ts'
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
  const { approval } = held.question
  if (asked === null) return denied(held, 'the edited call cannot be read', [], shim)
  const decision = decideAgain(asked, shim)
  if (decision.effect === 'deny') return denied(held, decision.why, decision.rules, shim)
  // A changed definition may have been accepted meanwhile: what was approved was a call of the one before.
  if (callDigest(askedCall(held, shim)) !== held.question.call)
    return denied(held, 'its tool or its server changed while it waited', [], shim)
  if (decision.effect === 'allow') return sendUnasked(held, decision, shim)
  const { demand } = decision
  const missing = demand === undefined ? ['nobody can be asked'] : stillMissing(demand, held, good)
  if (demand === undefined || missing.length > 0) {
    if (sameDemand(demand, held.question.demand)) return false
    return denied(
      held,
      `the policy changed while it waited, and now wants more: ${missing.join('; ')}`,
      decision.rules,
      shim,
    )
  }
  if (!claim(held, good, shim))
    return denied(held, 'its approval was used, denied or withdrawn meanwhile', decision.rules, shim)
  if (!shim.authority.use(grantsBehind(decision.rules))) {
    shim.desk?.settle(approval, 'not-sent')
    return denied(held, 'the grant behind it has no use left', decision.rules, shim)
  }
  // Only they are named as those who approved it.
  const counting = good.filter(({ approver }) => mayAnswer(demand, held.question.requester, approver).ok)
  remember(held, counting, demand, shim)
  send(held, { asked, decision, good: counting, edited: edited !== undefined }, shim)
  return true
}

function stillMissing(demand: Demand, { question }: HeldCall, good: readonly Verified[]): readonly string[] {
  if (demand.validMs < question.demand.validMs) return ['an answer that is younger'] // their age was judged by what was asked
  for (const { receipt } of good) {
    if (receipt.edited !== null && !demand.edit) return ['the call as it came, not edited']
    if ('requester' in receipt.binds && demand.onTimeout === 'deny')
      return ['an answer for this session only']
  }
  return missingAnswers(demand, question.requester, good)
}

function decideAgain({ matter, row, exchange }: Asked, shim: Shim): Decision {
  const { limits } = shim.standing.policy
  const limited = shim.limits.check(limits, () => shim.fromClient.calls())
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

function claim({ question, exchange }: HeldCall, good: readonly Verified[], shim: Shim): boolean {
  const endsWithSession = good.every(({ receipt }) => 'session' in receipt.binds)
  const use = { session: shim.log.session, exchange: exchange.number, endsWithSession }
  return shim.desk?.claim(question.approval, use) ?? false
}

function remember(
  { question, matter }: HeldCall,
  good: readonly Verified[],
  demand: Demand,
  shim: Shim,
): void {
  const asked = good.find(({ receipt }) => receipt.remember !== null)?.receipt.remember
  if (asked == null || demand.remember === null) return
  const { approval, call, label, session } = question
  if (session !== shim.log.session) return // it was for the session that asked
  const left = Math.min(asked.count, demand.remember.count) - 1 // this call is one
  if (left < 1) return
  shim.held.remember(approval, call, termsOf(demand, shim.standing))
  shim.desk?.remember({
    approval,
    session,
    call,
    label,
    what: whatOf(matter.call),
    left,
    until: new Date(asked.until),
  })
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
  exchange.approved = { id: approval, edited }
  exchange.call = asked.matter.call // what comes of it is judged by what was sent
  exchange.sent = true
  const why = `approved by ${good.map(({ approver }) => nameOf(approver)).join(' and ')}`
  stage({ rules: decision.rules, approval, why }, held, toSend(asked), shim)
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
  stage({ rules, approval: null, why }, held, toSend(held), shim)
  return true
}

/** Sends a call by an answer that a person had remembered for this session; false where there is none. */
export function sendRemembered(asked: Asked, decision: Decision, digest: string, shim: Shim): boolean {
  const { exchange } = asked
  const entry = useRemembered(digest, decision, shim)
  if (entry === null || !shim.authority.use(grantsBehind(decision.rules))) return false
  const { approval, left, until } = entry
  const bytes = recordAsked(asked, decision, shim)
  const why = `${left} more like it, until ${until.toISOString()}`
  const noted = {
    kind: 'approval',
    exchange: exchange.number,
    approval,
    state: 'remembered',
    call: digest,
    why,
  } as const
  shim.outbox.note(noted, null)
  exchange.approved = { id: approval, edited: false }
  exchange.sent = true
  stage({ rules: decision.rules, approval, why: 'a person remembered their answer' }, asked, bytes, shim)
  return true
}

// The rules may want other people by now, or more of them, than those who answered: then they are asked.
function useRemembered(call: string, { demand }: Decision, { held, log, desk, standing }: Shim) {
  for (const approval of held.remembered(call, termsOf(demand, standing))) {
    const entry = desk?.useRemembered({ approval, session: log.session, call }) ?? null
    if (entry !== null) return entry
  }
  return null
}

function toSend({ message }: Asked): Uint8Array {
  return rewrite(message, ownMetaEdits(message), []).bytes
}

type Why = Pick<DecisionBody, 'rules' | 'approval' | 'why'>

/** Stages the decision that lets a call pass, and the call behind it. */
function stage(why: Why, { message, exchange }: Asked, bytes: Uint8Array, shim: Shim): void {
  const sent = { bytes: bytes.length, sha256: sha256(bytes) }
  const body = { kind: 'decision', exchange: exchange.number, effect: 'allow', ...why, sent } as const
  shim.outbox.stage(body, null, {
    kind: 'message',
    deliver: () => shim.child.send(bytes),
    withhold: () => {
      shim.fromClient.end(exchange.id)
      if (body.approval !== null) shim.desk?.settle(body.approval, 'not-sent')
      shim.client.send(denial(message, exchange, unrecorded(shim), shim, body.approval))
    },
  })
}

// With the policy: a newer one may name other people under the same words.
function termsOf(demand: Demand | undefined, { policy }: Standing): string {
  return JSON.stringify([policy.digest, demand ?? null])
}

function nameOf({ email, sub }: Approver): string {
  return email ?? sub
}

function sameDemand(now: Demand | undefined, then: Demand): boolean {
  return JSON.stringify(now) === JSON.stringify(then)
}
