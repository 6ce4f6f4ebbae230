import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../system-code.ts'
import { reasonOf } from './disk-failure.ts'
import { PRUNED, type PrunedNote, type PrunedNotes, readPrunedNotes } from './pruned-note.ts'
import { fileNameOf, NO_DIGEST, numbersIn, readNoted } from './session-number.ts'
import type { TokenCheck } from './verify-receipt.ts'
import { type KnownDevices, type Verification, type VerifiedFile, verifyFile } from './verify-session.ts'

/** The outcome of verifying all sessions of a directory, each by itself and all as one series. */
export interface DirectoryVerification {
  readonly ok: boolean
  readonly sessions: readonly NumberedVerification[]
  /** The sessions whose logs were pruned, by notes that hold. */
  readonly pruned: readonly PrunedNote[]
  /** What is wrong between sessions: missing ones, replaced ones. */
  readonly problems: readonly string[]
}

/** A session's outcome, the number that its file's name has, and what its checkpoints say that destinations hold. */
type NumberedVerification = Verification & Pick<VerifiedFile, 'confirmed'> & { readonly number: number }

interface NumberedFile {
  readonly number: number
  readonly file: VerifiedFile
}

/** What the series is made of: a log, or the note that stands for one. null: its header is not readable. */
interface Place {
  readonly number: number
  readonly header: { readonly number: number; readonly previous: string; readonly digest: string } | null
}

/** Verifies all sessions in a directory, and that none of the series is missing or replaced. */
export function verifyDirectory(
  directory: string,
  known: KnownDevices,
  checkToken?: TokenCheck,
): DirectoryVerification {
  // Read before the names: a session that begins meanwhile is not one that has vanished.
  const noted = readNoted(directory)
  const read = numbersIn(directory).map((number) => {
    return { number, file: verifyFile(join(directory, fileNameOf(number)), known, checkToken) }
  })
  // Read after the logs: one that is pruned meanwhile has its note by now.
  const notes = readNotes(directory)
  const isNoted = new Set(notes.notes.map(({ number }) => number))
  const logs = read.filter(
    ({ number }) => !isNoted.has(number) || existsSync(join(directory, fileNameOf(number))),
  )
  const { pruned, problems } = believedNotes(notes, logs, known)
  const series = seriesOf(logs, pruned)
  problems.push(...series.problems)
  if (noted !== null) {
    const { last } = series
    problems.push(...missingBetween(last.number, noted.number + 1))
    const digest = last.header?.digest ?? noted.digest
    const replaced = noted.number === last.number && noted.digest !== digest
    if (replaced) problems.push(`session ${noted.number} is not the one that was noted when it began`)
  }
  const sessions = logs.map(({ number, file }) => {
    return { ...file.verification, number, confirmed: file.confirmed }
  })
  return { ok: problems.length === 0 && sessions.every(({ ok }) => ok), sessions, pruned, problems }
}

function readNotes(directory: string): PrunedNotes {
  try {
    return readPrunedNotes(directory)
  } catch (error) {
    if (codeOf(error) === '') throw error
    const problem = `${PRUNED} cannot be read: ${reasonOf(error)}`
    return { notes: [], problem, end: { seq: 0, prev: NO_DIGEST, bytes: 0 } }
  }
}

// A note stands for a log only where the device that signed it is known, and is the one that numbers the sessions here:
// the next log that is there says which. There is one, because the newest session is never pruned.
function believedNotes(
  { notes, problem }: PrunedNotes,
  logs: readonly NumberedFile[],
  known: KnownDevices,
): { readonly pruned: readonly PrunedNote[]; readonly problems: string[] } {
  const problems = problem === null ? [] : [problem]
  const latest = new Map(notes.map((note) => [note.number, note]))
  const pruned: PrunedNote[] = []
  const there = logs.map(({ number, file: { header } }) => ({ number, header }))
  let next = there.length - 1
  for (const note of [...latest.values()].sort((a, b) => b.number - a.number)) {
    while (next > 0 && (there[next - 1]?.number ?? 0) >= note.number) next -= 1
    const why = doubt(note, there[next], known)
    if (why !== null) problems.push(`session ${note.number} was noted as pruned ${why}`)
    else if (there[next]?.number !== note.number) pruned.unshift(note)
  }
  return { pruned, problems }
}

function doubt(
  { number, device, header }: PrunedNote,
  next: { readonly number: number; readonly header: VerifiedFile['header'] } | undefined,
  known: KnownDevices,
): string | null {
  if (!known.isKnown(device)) return `by the device key \`${device}\`, which is not known here`
  if (next === undefined || next.number < number) return 'though no newer session is there'
  if (next.header !== null && next.header.device !== device)
    return 'by another device than that of the sessions here'
  if (next.number === number && next.header !== null && next.header.digest !== header)
    return 'and the log that is here is another'
  return null
}

function seriesOf(
  logs: readonly NumberedFile[],
  pruned: readonly PrunedNote[],
): { readonly last: Place; readonly problems: readonly string[] } {
  const places: Place[] = [
    ...logs.map(({ number, file: { header } }) => ({ number, header })),
    ...pruned.map(({ number, previous, header: digest }) => {
      return { number, header: { number, previous, digest } }
    }),
  ].sort((a, b) => a.number - b.number)
  let last: Place = { number: 0, header: { number: 0, previous: NO_DIGEST, digest: NO_DIGEST } }
  const problems: string[] = []
  for (const place of places) {
    problems.push(...missingBetween(last.number, place.number), ...seriesProblems(place, last))
    last = place
  }
  return { last, problems }
}

function seriesProblems({ number, header }: Place, before: Place): string[] {
  if (header === null) return []
  if (header.number !== number) return [`${fileNameOf(number)} holds the log of session ${header.number}`]
  const digest = before.header?.digest ?? header.previous
  if (before.number !== number - 1 || header.previous === digest) return []
  return [
    `session ${number} does not follow on the session ${number - 1} that is here: that one was altered or replaced`,
  ]
}

function missingBetween(before: number, next: number): string[] {
  const [first, last] = [before + 1, next - 1]
  if (first > last) return []
  return [first === last ? `session ${first} is missing` : `sessions ${first} to ${last} are missing`]
}
