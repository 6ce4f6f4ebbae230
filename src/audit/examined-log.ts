import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { codeOf } from '../system-code.ts'
import { reasonOf } from './disk-failure.ts'
import { fileState } from './file-state.ts'
import { followerProblem } from './follower.ts'
import { readLines } from './log-lines.ts'
import type { PrunedLog } from './pruned-note.ts'
import { checkLine } from './verify-line.ts'
import type { TokenCheck } from './verify-receipt.ts'
import { type KnownDevices, verifyFile } from './verify-session.ts'

/** A log that holds, and what is to be noted of it. */
export interface ExaminedLog extends Omit<PrunedLog, 'copies'> {
  /** What its file looked like before it was read (`fileState`). */
  readonly seen: string
}

/**
 * Verifies a log that may be removed, and measures it. Gives what is wrong with it as a text: such a log is evidence, and
 * stays.
 */
export function examineLog(
  { path, number }: { readonly path: string; readonly number: number },
  known: KnownDevices,
  checkToken: TokenCheck,
): ExaminedLog | string {
  try {
    if (!lstatSync(path).isFile()) return 'its log is no regular file'
    const seen = fileState(path)
    const { verification, header } = verifyFile(path, known, checkToken)
    if (verification.problem !== null) return verification.problem
    if (header === null || header.number !== number) return 'its log is that of another number'
    const { last, ...measured } = measure(path)
    if (seen === null || last === null || fileState(path) !== seen) return 'its log changed while it was read'
    const { session, previous, digest } = header
    const problem = followerProblem(path, header)
    if (problem !== null) return problem
    return { number, session, previous, header: digest, last, ...measured, seen }
  } catch (error) {
    if (codeOf(error) === '') throw error
    return `its log cannot be read: ${reasonOf(error)}`
  }
}

function measure(path: string): {
  readonly bytes: number
  readonly sha256: string
  readonly last: string | null
} {
  const hash = createHash('sha256')
  let size = 0
  let lastLine: Uint8Array | null = null
  for (const { bytes, end } of readLines(path)) {
    hash.update(bytes)
    size += bytes.length
    if (end !== 'whole') continue
    hash.update('\n')
    size += 1
    lastLine = bytes
  }
  const checked = lastLine === null ? null : checkLine(lastLine)
  return { bytes: size, sha256: hash.digest('hex'), last: checked?.ok === true ? checked.line.at : null }
}
