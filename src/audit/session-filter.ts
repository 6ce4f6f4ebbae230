import { parsed } from '../parsed.ts'
import { readLines } from './log-lines.ts'
import { isRecord } from './log-record.ts'
import type { SessionEntry } from './session-entry.ts'

/** What sessions are looked for by; null: any. */
export interface SessionFilter {
  /** false: only those in which something was called, or of which nobody can tell because they are broken. */
  readonly all: boolean
  /** The email or `sub` of a subject, whatever its case. */
  readonly person: string | null
  /** As lists show it: the name in the policy, else the command. */
  readonly server: string | null
  readonly tool: string | null
  /** What was decided of a call at first; of a call of `tool`, where that is named. */
  readonly effect: 'allow' | 'ask' | 'deny' | null
  /** Sessions of which some part lies between the two. */
  readonly since: Date | null
  readonly until: Date | null
}

/** Tells whether a session is one of those that are looked for. */
export function fits(entry: SessionEntry, filter: SessionFilter): boolean {
  const { person, server } = filter
  if (!filter.all && entry.state !== 'broken' && entry.calls === 0) return false
  if (person !== null && !entry.people.some((name) => isSameName(name, person))) return false
  if (server !== null && entry.server !== server) return false
  return usesFit(entry, filter) && timesFit(entry, filter)
}

function usesFit({ uses }: SessionEntry, { tool, effect }: SessionFilter): boolean {
  if (tool === null && effect === null) return true
  return uses.some((use) => {
    const space = use.indexOf(' ')
    const [decided, used] = space === -1 ? [use, null] : [use.slice(0, space), use.slice(space + 1)]
    return (tool === null || used === tool) && (effect === null || decided === effect)
  })
}

function timesFit({ started, last }: SessionEntry, { since, until }: SessionFilter): boolean {
  if (since !== null && !(last !== null && Date.parse(last) >= since.getTime())) return false
  return until === null || (started !== null && Date.parse(started) <= until.getTime())
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/**
 * Tells whether a session's log holds a text, whatever its case: as it stands in the lines, or in a string of theirs without
 * its escapes. What was recorded in part or by its digest is not there to be found, and neither is what is in a file that
 * cannot be read.
 */
export function holdsText(path: string, wanted: string): boolean {
  const lower = wanted.toLowerCase()
  try {
    for (const { bytes } of readLines(path)) {
      const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
      if (jsonHolds(line, lower)) return true
    }
  } catch {
    // a session that cannot be read is broken, and lists say so
  }
  return false
}

/** Tells whether a JSON text holds a text in lower case: as it stands, or in a string of it without its escapes. */
export function jsonHolds(json: string, lower: string): boolean {
  return json.toLowerCase().includes(lower) || (json.includes('\\') && isIn(parsed(json), lower))
}

// Not by recursion: somebody else may have written a log that is nested as deep as it likes.
function isIn(record: unknown, lower: string): boolean {
  const left: unknown[] = [record]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && value.toLowerCase().includes(lower)) return true
    // Of an array the keys are its indexes, which are in every log.
    if (isRecord(value)) for (const name of Object.keys(value)) left.push(name)
    if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) left.push(member)
  }
  return false
}
