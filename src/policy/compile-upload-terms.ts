import { compileTime } from './compile-time.ts'
import type { UploadPlace, UploadTerms } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import { quantity } from './quantity.ts'
import type { PolicyFile } from './schema.ts'

// What was written is signed within five seconds, and looked for every ten; sending it takes a while.
const SHORT_REQUIRED_MS = 30_000

/**
 * Compiles what holds while logs wait.
 * @param uploads the destinations that are used
 */
export function compileUploadTerms(
  audit: PolicyFile['audit'],
  uploads: readonly UploadPlace[],
  problems: ProblemList,
): UploadTerms {
  const { upload, spool } = audit ?? {}
  const path = ['audit', 'upload']
  const requiredMs = compileTime(upload?.required, [...path, 'required'], problems)
  if (requiredMs !== null && requiredMs < SHORT_REQUIRED_MS) {
    const message =
      'calls may be denied though all is well: what is written is sent up to twenty seconds later'
    problems.warn(problems.offset([...path, 'required']), message, 'write `30s` or more')
  }
  if (spool !== undefined && upload === undefined) {
    const message = '`spool` limits what waits to be sent, and nothing is sent anywhere'
    problems.atKey(['audit', 'spool'], message, 'add `upload: { to: [{ url: … }] }` beside it, or delete it')
  }
  const mayDeny = requiredMs !== null || spool?.onFull === 'deny'
  if (mayDeny && upload !== undefined && uploads.length === 0) {
    const message =
      'as long as this policy is not signed every call is denied: no destination is used, so nothing is ever confirmed'
    problems.warn(problems.offset(path), message, 'sign it: hoopctl policy sign')
  }
  return {
    requiredMs,
    waitMs: compileTime(upload?.wait, [...path, 'wait'], problems, '1m') ?? 0,
    spool: spool === undefined ? null : { maxBytes: quantity(spool.max), onFull: spool.onFull },
  }
}
