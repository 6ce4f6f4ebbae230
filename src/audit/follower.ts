import { basename, dirname, join } from 'node:path'
import { codeOf } from '../system-code.ts'
import { readRecords, textOf } from './log-record.ts'
import { fileNameOf, type NumberedHeader } from './session-number.ts'
import type { VerifiedFile } from './verify-session.ts'

/**
 * Says whether the log with the next number, where it is there, is of a session that began after this one as it is now: if not,
 * one of the two was altered or replaced. null: nothing speaks against it. Throws what the file system throws.
 * @param path of the log, in the directory in which sessions are numbered
 */
export function followerProblem(path: string, { number, digest }: NumberedHeader): string | null {
  const previous = previousIn(join(dirname(path), fileNameOf(number + 1)))
  if (previous === undefined || previous === digest) return null
  return `session ${number + 1} does not follow on it: it was altered or replaced`
}

/**
 * Takes a log that was verified by itself for broken where it lies among numbered ones and the next does not follow on it: so
 * one that was written anew whole, with the device's own key, is found out though nothing else is looked at.
 */
export function followedBy(path: string, file: VerifiedFile): VerifiedFile {
  const { verification, header } = file
  if (!verification.ok || header === null || basename(path) !== fileNameOf(header.number)) return file
  const problem = ifReadable(() => followerProblem(path, header))
  if (problem === null) return file
  return { ...file, verification: { ...verification, ok: false, state: 'broken', problem } }
}

// That the next log cannot be read is told by whoever verifies that one.
function ifReadable(look: () => string | null): string | null {
  try {
    return look()
  } catch (error) {
    if (codeOf(error) === '') throw error
    return null
  }
}

// What a log holds of the session before it; null: it says nothing that can be read, undefined: it is not there.
function previousIn(path: string): string | null | undefined {
  try {
    const [header] = readRecords(path, 'without')
    return header === undefined || header === null ? null : textOf(header, 'previous')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
