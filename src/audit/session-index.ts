import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../digest.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { exactly, type Is, listOf, oneOf, orNull } from '../shape.ts'
import { VERSION } from '../version.ts'
import { ensurePrivateDirectory } from './private-files.ts'
import { fileState } from './file-state.ts'
import { readEntry, type SessionEntry } from './session-entry.ts'
import { fileNameOf } from './session-number.ts'
import { replaceFile, sweepTemporary } from './temporary-file.ts'

// What was read out of the logs, kept so that 10,000 of them need not be read for each list. One file, replaced whole: a
// digest of all of it shows any damage, and of two processes that replace it either is right. It proves nothing and is
// never needed: what does not fit in every respect is read from the logs again.

interface Indexed {
  /** What the log's file looked like before it was read (`fileState`). */
  readonly seen: string
  readonly entry: SessionEntry
}

/** A directory of logs, and where what they say is kept. */
interface IndexedDirectory {
  readonly directory: string
  /** The sessions that are there. */
  readonly numbers: readonly number[]
  /** The cache directory. */
  readonly cache: string
}

// A session whose entry is longer (somebody called a thousand tools) is read each time.
const LONGEST_ENTRY = 16 * 1024
const FORMAT = 'hoopctl-sessions-index/1'
const NAME = 'sessions.index'

/**
 * Gives the entries of all sessions, from the index where their files are as they were, and brings it up to date. An index
 * that is missing, damaged, of another version or not ours alone is made anew.
 */
export function indexedEntries({ directory, numbers, cache }: IndexedDirectory): readonly SessionEntry[] {
  const kept = readIndex(cache, directory)
  const found = numbers.map((number): Indexed | SessionEntry => {
    const path = join(directory, fileNameOf(number))
    const seen = fileState(path)
    const before = kept.get(number)
    if (before !== undefined && before.seen === seen) return before
    const entry = readEntry(number, path)
    return seen === null || JSON.stringify(entry).length > LONGEST_ENTRY ? entry : { seen, entry }
  })
  const indexed = found.filter(isIndexed)
  const isCurrent =
    indexed.length === kept.size && indexed.every((each) => kept.get(each.entry.number) === each)
  if (!isCurrent) writeIndex(cache, directory, indexed)
  return found.map((each) => (isIndexed(each) ? each.entry : each))
}

function isIndexed(found: Indexed | SessionEntry): found is Indexed {
  return 'seen' in found
}

const isText: Is<string> = (value): value is string => typeof value === 'string'
const isNumber: Is<number> = (value): value is number => typeof value === 'number'
const isEntry = exactly<Indexed>({
  seen: isText,
  entry: exactly<SessionEntry>({
    session: orNull(isText),
    number: isNumber,
    started: orNull(isText),
    ended: orNull(isText),
    state: oneOf('complete', 'open', 'broken'),
    server: orNull(isText),
    subject: orNull(isText),
    calls: isNumber,
    asked: isNumber,
    denied: isNumber,
    last: orNull(isText),
    people: listOf(isText, LONGEST_ENTRY),
    uses: listOf(isText, LONGEST_ENTRY),
  }),
})
const areEntries = listOf(isEntry, Number.POSITIVE_INFINITY)

// The first line says of what the rest is: of this directory, by this version, and its digest.
function firstLine(directory: string, rest: string): string {
  return JSON.stringify({ format: FORMAT, hoopctl: VERSION, directory, sha256: sha256(rest) })
}

function readIndex(cache: string, directory: string): ReadonlyMap<number, Indexed> {
  const path = join(cache, NAME)
  try {
    refuseLooseMode(cache, statSync(cache))
    refuseLooseMode(path, statSync(path))
    const text = readFileSync(path, 'utf8')
    const end = text.indexOf('\n')
    const rest = text.slice(end + 1)
    if (text.slice(0, end) !== firstLine(directory, rest)) return new Map()
    const kept: unknown = JSON.parse(rest)
    return areEntries(kept) ? new Map(kept.map((each) => [each.entry.number, each])) : new Map()
  } catch {
    return new Map() // the logs say it all again
  }
}

function writeIndex(cache: string, directory: string, entries: readonly Indexed[]): void {
  const rest = `[${entries.map((each) => JSON.stringify(each)).join(',\n')}]\n`
  try {
    ensurePrivateDirectory(cache)
    replaceFile(cache, NAME, `${firstLine(directory, rest)}\n${rest}`)
    sweepTemporary(cache, new Date())
  } catch {
    // A list that cannot be kept is still a list: the next one takes as long as this one.
  }
}
