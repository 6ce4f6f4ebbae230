import type { HoopctlError } from '../errors.ts'
import { PolicyError, type Problem } from '../policy/problem.ts'

/**
 * Tells why one of several files cannot be looked at, so that the others still are. It stands at the file's beginning,
 * without a line to show; what is wrong inside of a policy that the file names, stands where it is.
 */
export function problemsOfUnread(file: string, failure: HoopctlError): readonly Problem[] {
  if (failure instanceof PolicyError && failure.problems.length > 0) return failure.problems
  const { message, hint } = failure
  return [{ file, line: 1, column: 1, text: '', message, hint, severity: 'error' }]
}
