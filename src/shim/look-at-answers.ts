import type { Receipt } from '../approval.ts'
import { sha256 } from '../digest.ts'
import { mayAnswer, missingAnswers } from '../policy/answers-met.ts'
import type { CheckedReceipt } from './approval-desk.ts'
import { editedCall } from './edited-call.ts'
import { endDenied, endPending, note } from './end-held.ts'
import type { HeldCall } from './held-calls.ts'
import { releaseHeld } from './release-held.ts'
import type { Shim } from './shim.ts'
import { takeUp } from './take-up.ts'

const CHECK_AGAIN_MS = 3000

/** A receipt that holds. */
export type Verified = Extract<CheckedReceipt, { readonly ok: true }> & { readonly receipt: Receipt }

/**
 * Looks at what people have answered to a held call: a no ends it, receipts are checked once each, and when those that
 * hold are enough, it is decided again and sent. May be called as often as somebody likes.
 */
export function lookAtAnswers(held: HeldCall, shim: Shim): void {
  takeUp(shim)
  if (!shim.held.all().includes(held)) return
  const stored = shim.desk?.get(held.question.approval) ?? null
  const { approval } = held.question
  if (stored === null)
    return endDenied(held, { why: 'its question is gone from the shared state', approval }, shim)
  const no = stored.answers.find((answer) => answer.kind === 'deny')
  if (no !== undefined) return endDenied(held, { why: 'a person denied it', approval, no }, shim)
  if (stored.state !== 'held' && stored.state !== 'queued')
    return endDenied(held, { why: `its approval is over: ${stored.why ?? stored.state}`, approval }, shim)
  const receipts = stored.answers.flatMap((answer) => (answer.kind === 'approve' ? [answer.receipt] : []))
  for (const receipt of receipts) check(held, receipt, shim)
  if (receipts.some((receipt) => held.checked.get(keyOf(receipt, shim)) === 'being-checked')) return
  releaseOrWait(
    held,
    receipts.flatMap((receipt) => verified(held, receipt, shim)),
    shim,
  )
}

function releaseOrWait(held: HeldCall, good: readonly Verified[], shim: Shim): void {
  const { demand, requester } = held.question
  const isOtherPolicy = shim.standing.policy.digest !== held.question.policy.digest
  // A yes to an edited call is none to the call as it came, nor the other way round.
  for (const same of Map.groupBy(good, ({ receipt }) => receipt.call).values()) {
    const isEnough = missingAnswers(demand, requester, same).length === 0
    if ((isEnough || isOtherPolicy) && releaseHeld(held, same, shim)) return
  }
  // Nobody waits for the answers to a repetition: its client is told what there is.
  if (held.repeated) endPending(held, shim)
}

// One may have grown too old while another was awaited.
function verified(held: HeldCall, receipt: Receipt, shim: Shim): Verified[] {
  const checked = held.checked.get(keyOf(receipt, shim))
  if (typeof checked !== 'object' || !checked.ok) return []
  return shim.clock.now() < checked.until ? [{ ...checked, receipt }] : []
}

function check(held: HeldCall, receipt: Receipt, shim: Shim): void {
  const key = keyOf(receipt, shim)
  if (held.checked.has(key)) return
  held.checked.set(key, 'being-checked')
  void checked(held, receipt, shim).then((of) => shim.later(() => of(key)))
}

// Says what is to be done with what came of it, because nothing is done outside of `later`.
async function checked(held: HeldCall, receipt: Receipt, shim: Shim): Promise<(key: string) => void> {
  const call = receipt.edited === null ? held.question.call : receipt.call
  try {
    const looked = await shim.desk?.check(receipt, held.question, call, shim.log.session)
    return (key) => {
      const fault = looked?.ok === true ? editFault(held, receipt, shim) : null
      const said = fault === null ? looked : ({ ok: false, why: fault } as const)
      found(held, key, ofSomebodyNamed(held, said ?? { ok: false, why: 'nobody can check it' }, shim), shim)
      lookAtAnswers(held, shim)
    }
  } catch (cause) {
    return (key) => tryAgain(held, key, cause, shim)
  }
}

// That a person said yes who may not is something that somebody tried, too. By a newer policy that is decided when it is sent.
function ofSomebodyNamed({ question }: HeldCall, looked: CheckedReceipt, { standing }: Shim): CheckedReceipt {
  if (!looked.ok || standing.policy.digest !== question.policy.digest) return looked
  const may = mayAnswer(question.demand, question.requester, looked.approver)
  return may.ok ? looked : may
}

// The issuer cannot be asked for its keys now: until it can, the receipt says nothing.
function tryAgain(held: HeldCall, key: string, cause: unknown, shim: Shim): void {
  shim.say(`an answer to ${held.question.approval} cannot be checked yet: ${reasonOf(cause)}`)
  if (held.repeated) return endPending(held, shim)
  const again = () => {
    held.checked.delete(key)
    lookAtAnswers(held, shim)
  }
  setTimeout(() => shim.later(again), CHECK_AGAIN_MS).unref()
}

// Recorded once: a receipt that does not hold is something that somebody tried.
function found(held: HeldCall, key: string, checked: CheckedReceipt, shim: Shim): void {
  held.checked.set(key, checked)
  if (checked.ok || !shim.held.all().includes(held)) return
  shim.say(`an answer to ${held.question.approval} does not count: ${checked.why}`)
  note(held, { state: 'refused', why: checked.why }, shim)
}

// What was edited is looked at once it is known that a person signed it: whoever writes answers could send megabytes.
function editFault(held: HeldCall, { edited, call }: Receipt, shim: Shim): string | null {
  if (edited === null) return null
  const made = editedCall(held, edited.arguments, shim)
  if (!made.ok) return made.why
  return made.digest === call ? null : 'the edited call is another one than was signed'
}

// With the policy: a newer one may have another issuer, or tie a key to nobody any more.
function keyOf(receipt: Receipt, { standing }: Shim): string {
  return sha256(JSON.stringify([standing.policy.digest, receipt]))
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
