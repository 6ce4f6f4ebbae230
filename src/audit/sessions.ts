import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { codeOf } from '../system-code.ts'
import { visible } from '../visible.ts'
import { unreadable } from './disk-failure.ts'
import { readRecords, textOf } from './log-record.ts'
import { copyUrl, type PrunedNote, type PrunedNotes, PRUNED, readPrunedNotes } from './pruned-note.ts'
import type { SessionEntry } from './session-entry.ts'
import { indexedEntries } from './session-index.ts'
import { fileNameOf, numberOf as numberOfName, numbersIn } from './session-number.ts'

/** Where one session's log is. */
export interface FoundSession {
  readonly session: string | null
  readonly number: number
  readonly path: string
}

/**
 * Lists the sessions of a directory, oldest first, by what their logs say: a file that cannot be read is broken.
 * @param cache the directory in which what was read is kept for the next time
 */
export function sessionEntries(directory: string, cache: string): readonly SessionEntry[] {
  const numbers = sessionNumbers(directory)
  return numbers.length === 0 ? [] : indexedEntries({ directory, numbers, cache })
}

/**
 * Finds a session by its number, its id or the beginning of its id. Throws UNKNOWN_SESSION where there is
 * none, or more than one.
 */
export function findSession(directory: string, wanted: string): FoundSession {
  const numbers = sessionNumbers(directory)
  // Ids begin with a zero, so `17` is a number, and so is the name of a file; `01` is the beginning of an id.
  const number = /^[1-9]\d{0,14}$/.test(wanted) ? Number(wanted) : numberOfName(`${wanted}.jsonl`)
  if (number !== null && numbers.includes(number)) return foundAt(directory, number)
  const prefix = wanted.toUpperCase()
  const found = numbers
    .map((each) => foundAt(directory, each))
    .filter(({ session }) => prefix !== '' && session?.startsWith(prefix) === true)
  const [only, second] = found
  if (only !== undefined && second === undefined) return only
  const name = visible(wanted)
  if (only === undefined) {
    refusePruned(directory, number, prefix)
    const hint = numbers.length === 0 ? 'there are no sessions yet' : 'run: hoopctl sessions list --all'
    throw new HoopctlError('UNKNOWN_SESSION', `there is no session \`${name}\``, { hint })
  }
  throw new HoopctlError('UNKNOWN_SESSION', `\`${name}\` is the beginning of ${found.length} sessions`, {
    hint: `write more of it, or a number: ${found
      .slice(0, 5)
      .map((each) => each.number)
      .join(', ')}`,
  })
}

// Its log was here, and a note says since when it is not: that is more than that nobody knows it.
function refusePruned(directory: string, number: number | null, prefix: string): void {
  const found = notesIn(directory).findLast(
    (note) => note.number === number || (prefix !== '' && note.session.startsWith(prefix)),
  )
  if (found === undefined) return
  const { at, copies } = found
  const places = copies.map((copy) => {
    return `${copyUrl(copy)} (${copy.segments} ${copy.segments === 1 ? 'segment' : 'segments'})`
  })
  const hint =
    copies.length === 0
      ? 'the policy of then named no destination'
      : `then it lay at ${places.join(' and ')}; to read it back: hoopctl sessions verify --remote ${found.number}`
  const message = `the log of session ${found.number} (${found.session}) was pruned at ${at}`
  throw new PrunedSession(message, visible(hint), found)
}

/** What `findSession` throws for a session whose log was pruned. */
export class PrunedSession extends HoopctlError {
  /** Whether it holds is not known: its signature does, by the key that it names. */
  readonly pruned: PrunedNote

  constructor(message: string, hint: string, pruned: PrunedNote) {
    super('UNKNOWN_SESSION', message, { hint })
    this.pruned = pruned
  }
}

function notesIn(directory: string): readonly PrunedNote[] {
  try {
    return readPrunedNotes(directory).notes
  } catch (error) {
    if (codeOf(error) === '') throw error
    return [] // `verify` says what is wrong with them
  }
}

/**
 * Lists the notes of the sessions whose logs are not there any more, the last one on each number, by number; and what is wrong
 * with the notes. A log that is there counts itself. Throws UNREACHABLE where the notes cannot be read.
 */
export function prunedSessions(directory: string): Pick<PrunedNotes, 'notes' | 'problem'> {
  const there = new Set(sessionNumbers(directory))
  try {
    const { notes, problem } = readPrunedNotes(directory)
    const last = new Map(notes.filter(({ number }) => !there.has(number)).map((note) => [note.number, note]))
    return { notes: [...last.values()].toSorted((one, other) => one.number - other.number), problem }
  } catch (error) {
    throw unreadable(join(directory, PRUNED), error)
  }
}

/** Lists the numbers of the sessions that are there, the oldest first. Throws UNREACHABLE where that cannot be read. */
export function sessionNumbers(directory: string): number[] {
  try {
    return numbersIn(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [] // nothing was wrapped yet
    throw unreadable(directory, error)
  }
}

function foundAt(directory: string, number: number): FoundSession {
  const path = join(directory, fileNameOf(number))
  try {
    const [header] = readRecords(path, 'without')
    return {
      session: header === undefined || header === null ? null : textOf(header, 'session'),
      number,
      path,
    }
  } catch {
    return { session: null, number, path } // not readable: it can still be found by its number
  }
}
