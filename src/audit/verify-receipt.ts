import type { Receipt } from '../approval.ts'
import { challengeOf } from '../call-digest.ts'
import { parseInstant } from '../instant.ts'
import { verifySshSignature } from '../ssh-signature.ts'
import { isTerminalProof } from '../terminal-proof.ts'
import { isRecord, type LogRecord, textOf } from './log-record.ts'

/** Checks an ID token by the key that is stored beside it, and gives its claims. */
export type TokenCheck = (
  idToken: string,
  jwk: Readonly<Record<string, unknown>>,
) => { readonly ok: true; readonly claims: LogRecord } | { readonly ok: false; readonly why: string }

/** What a log says of a question, and of the session that is to send the call. */
export interface RecordedQuestion {
  readonly call: string
  readonly challenge: string
  /** When it was asked, where that was in this session; else null. */
  readonly asked: string | null
  readonly session: string
  readonly device: string
}

/** The record that says that a receipt holds. */
export interface ApprovedRecord {
  readonly receipt: Receipt
  readonly by: unknown
  /** When it was written: just before the call was sent. */
  readonly at: string
}

/** Clocks of issuer and device may differ by so much. */
const SKEW_MS = 60_000

/**
 * Says why a recorded receipt does not prove that its question was answered with yes, in one clause; null: it does. Its
 * issuer's and its person's keys are as they were recorded: whose they are is not said here.
 */
export function receiptFault(
  { receipt, by, at }: ApprovedRecord,
  question: RecordedQuestion,
  checkToken: TokenCheck,
): string | null {
  return (
    ofAnotherFault(receipt, question) ??
    (isBefore(at, receipt.expires) ? null : 'was used after it had expired') ??
    proofFault(receipt, by, question, checkToken)
  )
}

function ofAnotherFault(
  receipt: Receipt,
  { call, challenge, session, device }: RecordedQuestion,
): string | null {
  if (receipt.device !== device) return 'is for another device'
  // The question's challenge covers all that makes it this question; that of an answer may cover an edited call, or how
  // often it is to count.
  if (challengeOf({ ...receipt, call, remember: null, edited: null }) !== challenge)
    return 'answers another question'
  if (receipt.edited === null && receipt.call !== call) return 'is for another call'
  const { binds } = receipt
  return 'session' in binds && binds.session !== session ? 'counts in another session only' : null
}

function proofFault(
  receipt: Receipt,
  by: unknown,
  { device, asked }: RecordedQuestion,
  checkToken: TokenCheck,
): string | null {
  const { proof } = receipt
  const challenge = challengeOf(receipt)
  switch (proof.kind) {
    case 'terminal': {
      const { user } = proof
      if (!isTerminalProof(device, challenge, proof)) return 'was not signed by the device key'
      return isBy(by, 'local', user) ? null : 'was given by somebody else than the log says'
    }
    case 'key': {
      const verified = verifySshSignature(proof.signature, challenge)
      if (!verified.ok) return `has an SSH signature that is refused: ${verified.why}`
      return verified.key === proof.key ? null : 'was signed by another SSH key than it says'
    }
    case 'oidc': {
      const token = checkToken(proof.idToken, proof.jwk)
      if (!token.ok) return `has a token that is refused: ${token.why}`
      const { iss, sub, nonce, auth_time: signedIn } = token.claims
      if (nonce !== challenge) return 'has a token that answers something else (`nonce`)'
      if (!isSince(signedIn, asked)) return 'has a token of no fresh sign-in (`auth_time`)'
      return isBy(by, iss, sub) ? null : 'was given by somebody else than the log says'
    }
  }
}

function isBy(by: unknown, issuer: unknown, sub: unknown): boolean {
  return (
    isRecord(by) && typeof sub === 'string' && textOf(by, 'issuer') === issuer && textOf(by, 'sub') === sub
  )
}

function isSince(seconds: unknown, asked: string | null): boolean {
  if (typeof seconds !== 'number') return false
  const since = asked === null ? null : parseInstant(asked)
  return since === null || seconds * 1000 >= since.getTime() - SKEW_MS
}

function isBefore(at: string, end: string): boolean {
  const [used, over] = [parseInstant(at), parseInstant(end)]
  return used !== null && over !== null && used.getTime() < over.getTime() + SKEW_MS
}
