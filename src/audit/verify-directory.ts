import { join } from 'node:path'
import { fileNameOf, NO_DIGEST, numbersIn, readNoted } from './session-number.ts'
import type { TokenCheck } from './verify-receipt.ts'
import { type KnownDevices, type Verification, type VerifiedFile, verifyFile } from './verify-session.ts'

/** The outcome of verifying all sessions of a directory, each by itself and all as one series. */
export interface DirectoryVerification {
  readonly ok: boolean
  readonly sessions: readonly NumberedVerification[]
  /** What is wrong between sessions: missing ones, replaced ones. */
  readonly problems: readonly string[]
}

/** A session's outcome, the number that its file's name has, and what its checkpoints say that destinations hold. */
type NumberedVerification = Verification & Pick<VerifiedFile, 'confirmed'> & { readonly number: number }

interface Neighbour {
  readonly number: number
  readonly digest: string | null
}

/** Verifies all sessions in a directory, and that none of the series is missing or replaced. */
export function verifyDirectory(
  directory: string,
  known: KnownDevices,
  checkToken?: TokenCheck,
): DirectoryVerification {
  // Read before the names: a session that begins meanwhile is not one that has vanished.
  const noted = readNoted(directory)
  const sessions: NumberedVerification[] = []
  const problems: string[] = []
  let before: Neighbour = { number: 0, digest: NO_DIGEST }
  for (const number of numbersIn(directory)) {
    const file = verifyFile(join(directory, fileNameOf(number)), known, checkToken)
    sessions.push({ ...file.verification, number, confirmed: file.confirmed })
    problems.push(...missingBetween(before.number, number), ...seriesProblems(number, file, before))
    before = { number, digest: file.header?.digest ?? null }
  }
  if (noted !== null) {
    problems.push(...missingBetween(before.number, noted.number + 1))
    const replaced =
      noted.number === before.number && before.digest !== null && noted.digest !== before.digest
    if (replaced) problems.push(`session ${noted.number} is not the one that was noted when it began`)
  }
  return { ok: problems.length === 0 && sessions.every(({ ok }) => ok), sessions, problems }
}

function seriesProblems(number: number, { header }: VerifiedFile, before: Neighbour): string[] {
  if (header === null) return []
  if (header.number !== number) return [`${fileNameOf(number)} holds the log of session ${header.number}`]
  if (before.number !== number - 1 || before.digest === null || header.previous === before.digest) return []
  return [
    `session ${number} does not follow on the session ${number - 1} that is here: that one was altered or replaced`,
  ]
}

function missingBetween(before: number, next: number): string[] {
  const [first, last] = [before + 1, next - 1]
  if (first > last) return []
  return [first === last ? `session ${first} is missing` : `sessions ${first} to ${last} are missing`]
}
