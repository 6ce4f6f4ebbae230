import { type Approver, PROOFS, type ProofKind, type Question, type Receipt } from '../approval.ts'
import { challengeOf } from '../call-digest.ts'
import { laterBy, parseInstant } from '../instant.ts'
import { checkReceiptProof, type ProofWorld, SKEW_MS } from './receipt-proof.ts'

/** What of a question its answers are checked against; `demand`: what the rules want now, not what they wanted then. */
export type Answered = Pick<
  Question,
  | 'call'
  | 'approval'
  | 'device'
  | 'random'
  | 'expires'
  | 'challenge'
  | 'asked'
  | 'answerBy'
  | 'session'
  | 'requester'
  | 'demand'
>

/** What a receipt is checked with, beside its question. */
export interface ReceiptChecks extends ProofWorld {
  /** The digest of the call that would be sent: of an edited one it differs from the question's. */
  readonly call: string
  /** The session that would send it. */
  readonly session: string
  readonly now: Date
}

/** What came of looking at a receipt. */
export type CheckedReceipt =
  | {
      readonly ok: true
      readonly approver: Approver
      readonly proof: ProofKind
      /** From then on it counts no longer. */
      readonly until: Date
    }
  | { readonly ok: false; readonly why: string }

/**
 * Checks one person's yes against the question that it answers (docs/design.md, "Approvals"), and says who gave it. Whether
 * the rules name them is not said here. The challenge is made anew from the question's own fields: nothing that the receipt
 * says of itself is believed before its proof holds. Throws UNREACHABLE where the issuer's keys cannot be had.
 */
export async function checkReceipt(
  receipt: Receipt,
  question: Answered,
  checks: ReceiptChecks,
): Promise<CheckedReceipt> {
  const other = formFault(receipt, question, checks) ?? bindsFault(receipt, question, checks)
  if (other !== null) return { ok: false, why: other }
  const times = timesOf(receipt, question)
  if (times === null) return { ok: false, why: 'a time in it, or in its question, cannot be read' }
  const late = windowFault(times, checks.now)
  if (late !== null) return { ok: false, why: late }
  const { approval, device, random, expires, demand } = question
  const { remember, edited, proof } = receipt
  const challenge = challengeOf({ call: checks.call, approval, device, random, expires, remember, edited })
  // Whether somebody is who asks, or has answered already, is a question of who they are.
  const comparesPeople = demand.each.some(({ notSelf, count }) => notSelf || count > 1)
  const proven = await checkReceiptProof(proof, { challenge, device, comparesPeople, ...times }, checks)
  if (!proven.ok) return proven
  const why =
    ageFault(proven.at, demand.validMs, checks.now) ?? rememberFault(receipt, question, proven.at) ?? null
  if (why !== null) return { ok: false, why }
  const old = laterBy(proven.at, demand.validMs)
  const until = old < times.expires ? old : times.expires
  return { ok: true, approver: proven.approver, proof: proof.kind, until }
}

function formFault(receipt: Receipt, question: Answered, { call }: ReceiptChecks): string | null {
  if (receipt.format !== 'hoopctl-approval/1') return 'it is of a format that this hoopctl does not know'
  if (receipt.answer !== 'approve') return 'it does not say yes'
  const { edited, proof } = receipt
  for (const [member, words] of MEMBERS) {
    if (receipt[member] !== question[member]) return `it is of another ${words}`
  }
  if (receipt.call !== call) return 'it is of another call'
  if (edited === null && call !== question.call) return 'it does not say how the call was edited'
  // The same call in another spelling: nobody edited anything.
  if (edited !== null && call === question.call) return 'it edits nothing'
  const { demand } = question
  if (edited !== null && !(demand.edit && demand.each.every(({ count }) => count === 1))) {
    return 'it changes the arguments, which the rules do not allow'
  }
  const wanted = PROOFS.indexOf(demand.proof)
  return PROOFS.indexOf(proof.kind) >= wanted
    ? null
    : `the rules want \`${demand.proof}\` as its proof, and it has a weaker one`
}

const MEMBERS = [
  ['approval', 'approval'],
  ['device', 'device'],
  ['random', 'question'],
  ['expires', 'question'],
] as const

function bindsFault(
  { binds, edited }: Receipt,
  question: Answered,
  { session }: ReceiptChecks,
): string | null {
  if ('session' in binds) {
    const own = binds.session === question.session && binds.session === session
    return own ? null : 'it counts in another session only'
  }
  // The proof does not cover what a receipt binds to: the question alone says whether it may leave its session.
  if (question.demand.onTimeout !== 'queue') return 'it must count in one session only, and does not'
  if (edited !== null) return 'a call is edited while it is held only'
  const { issuer, sub } = question.requester
  const own = binds.requester.issuer === issuer && binds.requester.sub === sub
  return own ? null : 'it is for another requester'
}

interface Times {
  readonly at: Date
  readonly asked: Date
  readonly answerBy: Date
  readonly expires: Date
}

function timesOf(receipt: Receipt, question: Answered): Times | null {
  const at = parseInstant(receipt.at)
  const asked = parseInstant(question.asked)
  const answerBy = parseInstant(question.answerBy)
  const expires = parseInstant(question.expires)
  if (at === null || asked === null || answerBy === null || expires === null) return null
  return { at, asked, answerBy, expires }
}

function windowFault({ at, asked, answerBy, expires }: Times, now: Date): string | null {
  if (at < laterBy(asked, -SKEW_MS)) return 'it was given before anybody asked'
  if (at > laterBy(answerBy, SKEW_MS)) return 'it was given when it was too late to answer'
  if (at > laterBy(now, SKEW_MS)) return 'it was given in the future'
  return now < expires ? null : 'it has expired'
}

function ageFault(at: Date, validMs: number, now: Date): string | null {
  return now < laterBy(at, validMs) ? null : 'it was given too long ago'
}

function rememberFault({ remember, binds, edited }: Receipt, { demand }: Answered, at: Date): string | null {
  if (remember === null) return null
  const { remember: most } = demand
  if (most === null || edited !== null) return 'it is to cover the call again, which the rules do not allow'
  if (!('session' in binds)) return 'it is to cover the call again, in more than one session'
  const until = parseInstant(remember.until)
  const { count } = remember
  if (!Number.isSafeInteger(count) || count < 1 || count > most.count) {
    return 'it is to cover the call more often than the rules allow'
  }
  const inTime = until !== null && until <= laterBy(at, most.forMs)
  return inTime ? null : 'it is to cover the call for longer than the rules allow'
}
