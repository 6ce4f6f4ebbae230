import type { SharedState } from './shared-state.ts'

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

/**
 * What destinations were seen to hold. It spares uploading again what is there; whoever edits it makes hoopctl upload less
 * or more, so nothing is deleted by it. Every function throws STATE_UNWRITABLE where the database cannot be read or written.
 */
export class Uploads {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  /** Gives where the segments end that a destination was seen to hold of a session, from its first line on without a gap. */
  position(destination: string, session: string): { readonly line: number; readonly start: number } {
    const rows = this.#state.database.all(
      'SELECT line, lines, start, "end" FROM confirmed_segments WHERE destination = ? AND session = ? ORDER BY line',
      destination,
      session,
    )
    let at = { line: 0, start: 0 }
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
}
