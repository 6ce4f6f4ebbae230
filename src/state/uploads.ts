import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'
import { storedInstant } from './stored-instant.ts'

/** A part of a session's log that a destination was seen to hold. */
export interface ConfirmedSegment {
  /** The destination's URL. */
  readonly destination: string
  readonly session: string
  /** The number of its first line, and how many lines it has. */
  readonly line: number
  readonly lines: number
  /** Where it begins in the log, and where it ends, in bytes. */
  readonly start: number
  readonly end: number
  /** The object's name at the destination. */
  readonly key: string
  readonly sha256: string
  /** As the destination tells them; null: it does not. */
  readonly etag: string | null
  readonly version: string | null
  readonly confirmed: Date
}

/** Where a segment begins: the number of its first line, and its place in the log in bytes. */
export interface Position {
  readonly line: number
  readonly start: number
}

const BEGINNING: Position = { line: 0, start: 0 }

/**
 * What destinations were seen to hold. It spares uploading again what is there; whoever edits it makes hoopctl upload less
 * or more, so nothing is deleted by it. Every function throws STATE_UNWRITABLE where the database cannot be read or written.
 */
export class Uploads {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  /**
   * Gives where the segments end that a destination was seen to hold of a session, from its first line on without a gap.
   * @param from what it gave before: a session of a day has thousands of segments
   */
  position(destination: string, session: string, from: Position = BEGINNING): Position {
    if (this.#isDoubted(destination, session)) return BEGINNING
    const sql = `SELECT line, lines, start, "end" FROM confirmed_segments
      WHERE destination = ? AND session = ? AND line >= ? ORDER BY line`
    const rows = this.#state.database.all(sql, destination, session, from.line)
    let at = from
    for (const { line, lines, start, end } of rows) {
      if (line !== at.line || start !== at.start) break
      at = { line: at.line + Number(lines), start: Number(end) }
    }
    return at
  }

  /** Notes a segment, once; it outlives a power cut. */
  confirm(segment: ConfirmedSegment): void {
    const { destination, session, line, lines, start, end, key, sha256, etag, version, confirmed } = segment
    const { database } = this.#state
    const sql = `INSERT OR IGNORE INTO confirmed_segments
      (destination, session, line, lines, start, "end", object, sha256, etag, version, confirmed)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
    const values = [destination, session, line, lines, start, end, key, sha256, etag, version]
    database.durably(() => database.run(sql, ...values, confirmed.toISOString()))
  }

  /** Lists what destinations were seen to hold and no checkpoint of theirs tells of yet: the oldest, so many at most. */
  untold(destinations: readonly string[], most: number): readonly ConfirmedSegment[] {
    const sql = `SELECT * FROM confirmed_segments
      WHERE told = 0 AND destination IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?`
    const rows = this.#state.database.all(sql, JSON.stringify(destinations), most)
    return rows.flatMap((row) => segmentOf(row) ?? [])
  }

  /** Notes that a checkpoint which a destination holds tells of an object. */
  told(destination: string, key: string): void {
    const sql = 'UPDATE confirmed_segments SET told = 1 WHERE destination = ? AND object = ?'
    this.#state.database.run(sql, destination, key)
  }

  /** Lists what destinations were seen to hold of a session, from its first line on. */
  confirmed(session: string): readonly ConfirmedSegment[] {
    const sql = 'SELECT * FROM confirmed_segments WHERE session = ? ORDER BY destination, line'
    return this.#state.database.all(sql, session).flatMap((row) => segmentOf(row) ?? [])
  }

  /** Lists the first segments of all sessions that destinations were seen to hold. */
  beginnings(): readonly ConfirmedSegment[] {
    const rows = this.#state.database.all('SELECT * FROM confirmed_segments WHERE line = 0 ORDER BY number')
    return rows.flatMap((row) => segmentOf(row) ?? [])
  }

  /** Notes that a destination does not hold what it was seen to hold of a session: it is looked for from the beginning on, until all is there. */
  doubt(destination: string, session: string, number: number): void {
    const { database } = this.#state
    database.atomically(() => {
      const sql = 'INSERT OR IGNORE INTO doubted_logs (destination, session) VALUES (?, ?)'
      database.run(sql, destination, session)
      database.run('DELETE FROM uploaded_logs WHERE destination = ? AND number = ?', destination, number)
    })
  }

  /** Notes that it does after all: all that it was seen to hold was read back once more. */
  believe(destination: string, session: string): void {
    const sql = 'DELETE FROM doubted_logs WHERE destination = ? AND session = ?'
    this.#state.database.run(sql, destination, session)
  }

  /** Was a destination seen to hold all of the log with this number, when it had so many bytes and was over? */
  isWhole(destination: string, number: number, bytes: number): boolean {
    const sql = 'SELECT 1 FROM uploaded_logs WHERE destination = ? AND number = ? AND bytes = ?'
    return this.#state.database.get(sql, destination, number, bytes) !== undefined
  }

  /** Notes that it was. */
  whole(destination: string, number: number, bytes: number): void {
    const sql = 'INSERT OR REPLACE INTO uploaded_logs (destination, number, bytes) VALUES (?, ?, ?)'
    this.#state.database.run(sql, destination, number, bytes)
  }

  #isDoubted(destination: string, session: string): boolean {
    const sql = 'SELECT 1 FROM doubted_logs WHERE destination = ? AND session = ?'
    return this.#state.database.get(sql, destination, session) !== undefined
  }
}

// What somebody else wrote into a row confirms nothing.
function segmentOf(row: Row): ConfirmedSegment | null {
  const { destination, session, object: key, sha256, etag, version, confirmed: at } = row
  const { line, lines, start, end } = row
  const confirmed = storedInstant(at)
  if (typeof destination !== 'string' || typeof session !== 'string' || typeof key !== 'string') return null
  if (typeof sha256 !== 'string' || confirmed === null) return null
  const places = { line: Number(line), lines: Number(lines), start: Number(start), end: Number(end) }
  const told = { etag: textOrNull(etag), version: textOrNull(version) }
  return { destination, session, key, sha256, ...places, ...told, confirmed }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
