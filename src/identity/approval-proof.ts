import type { Activation, ActivationProof } from '../activation.ts'
import type { Approver, Demand, ProofKind, Question, Receipt } from '../approval.ts'
import { callDigest } from '../call-digest.ts'
import { agreedId, askedGrants } from '../grant-question.ts'
import { laterBy, parseInstant } from '../instant.ts'
import { readAnswer, readQuestion } from '../read-approval.ts'
import { askedFor } from './asked-request.ts'
import { checkReceipt } from './check-receipt.ts'
import { type ProofWorld, SKEW_MS } from './receipt-proof.ts'

type AgreedProof = Extract<ActivationProof, { readonly kind: 'approval' }>

/** What the yes of a second person to an activation is checked with, by the policy of now. */
export interface AgreementChecks extends ProofWorld {
  /** The grant's server. */
  readonly server: string
  /** What the grant wants of whoever agrees. */
  readonly demand: Demand
  /** Says which of the people who must agree are missing; empty: none. */
  readonly missing: (
    answers: readonly { readonly approver: Approver; readonly proof: ProofKind }[],
  ) => readonly string[]
}

/**
 * Says why an activation is not proven to be what others agreed to, in one clause; null: it is. All of it is checked as of
 * its beginning, and by what the policy wants now. Throws UNREACHABLE where the issuer's keys cannot be had.
 */
export async function checkAgreement(
  activation: Activation,
  checks: AgreementChecks,
): Promise<string | null> {
  const { proof, started } = activation
  if (proof.kind !== 'approval') return 'the policy wants a second person to agree'
  const read = readProof(proof)
  if (read === null) return 'what was asked and answered cannot be read'
  const { question, receipts } = read
  const fault = questionFault(question, proof.request, activation, checks)
  if (fault !== null) return fault
  const against = { ...question, demand: checks.demand }
  const { call, session } = question
  const answers: { readonly approver: Approver; readonly proof: ProofKind }[] = []
  for (const receipt of receipts) {
    const said = await checkReceipt(receipt, against, { ...checks, call, session, now: started })
    if (!said.ok) return `an answer does not count: ${said.why}`
    answers.push(said)
  }
  const missing = checks.missing(answers)
  return missing.length === 0 ? null : missing.join('; ')
}

// Whoever has the device key can seal anything as a proof.
function readProof({ question, receipts }: AgreedProof): {
  readonly question: Question
  readonly receipts: readonly Receipt[]
} | null {
  const asked = readQuestion(JSON.stringify(question))
  if (asked === null || !Array.isArray(receipts)) return null
  const answers = receipts.map((receipt: unknown) => readAnswer(JSON.stringify({ kind: 'approve', receipt })))
  const yes = answers.flatMap((answer) => (answer?.kind === 'approve' ? [answer.receipt] : []))
  return yes.length === receipts.length ? { question: asked, receipts: yes } : null
}

function questionFault(
  question: Question,
  request: string,
  activation: Activation,
  { server, demand }: AgreementChecks,
): string | null {
  const asked = askedFor(request, activation)
  if (!asked.ok) return asked.why
  if (activation.id !== agreedId(question.approval, activation.grant))
    return 'it is not the one activation that was agreed to'
  if (question.device !== activation.device) return 'another device asked'
  // The digest is made from what is wanted here: what the question says of itself is not looked at.
  const call = callDigest(askedGrants(request, server, activation))
  if (question.call !== call) return 'people were asked about something else'
  return timeFault(question, { at: asked.at, started: activation.started }, demand)
}

function timeFault(
  { asked, answerBy, expires }: Question,
  { at, started }: { readonly at: Date; readonly started: Date },
  { timeoutMs, validMs }: Demand,
): string | null {
  if (parseInstant(asked)?.getTime() !== at.getTime()) return 'people were asked at another time'
  const latest = laterBy(at, timeoutMs)
  // An unreadable time is no time before the latest.
  if (!isBy(answerBy, latest) || !isBy(expires, laterBy(latest, validMs)))
    return 'people were asked for longer than the policy lets them be'
  const age = started.getTime() - at.getTime()
  const isSoon = age >= -SKEW_MS && age <= timeoutMs + validMs
  return isSoon ? null : 'it did not begin soon after it was asked for'
}

function isBy(text: string, latest: Date): boolean {
  const instant = parseInstant(text)
  return instant !== null && instant <= latest
}
