import { parsed } from '../parsed.ts'
import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'
import { sinceBoot } from './since-boot.ts'
import { storedInstant } from './stored-instant.ts'

/** Why something waits that could be sent. */
export interface UploadProblem {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** How the upload of a policy's logs stands at one destination. What is no number in its row is NaN here. */
export interface DestinationStanding {
  readonly destination: string
  /** When last nothing waited or something was confirmed: in milliseconds since 1970, and since this machine started. */
  readonly fineMs: number
  readonly fineBootMs: number
  /** Did nothing wait at the last look, and has no session written since? */
  readonly isIdle: boolean
  /** What was in the way at the last look; null: nothing. `since`: when it was met first, without a look between that found none. */
  readonly problem: (UploadProblem & { readonly since: Date }) | null
}

/** What waits on this machine, as of the last look. */
export interface Spool {
  readonly bytes: number
  /** How long the logs of the sessions that were not over were then, by session. */
  readonly unended: ReadonlyMap<string, number>
}

/**
 * How the upload of the logs of one policy stands: kept by whoever uploads and by running sessions, so that no restart
 * forgets since when nothing was confirmed. Every function throws STATE_UNWRITABLE where the database cannot be used.
 */
export class UploadStanding {
  readonly #state: SharedState
  readonly #policy: string
  readonly #sinceBoot: () => number

  /** @param sinceBootNow milliseconds since this machine started */
  constructor(
    state: SharedState,
    { name, signed }: { readonly name: string; readonly signed: boolean },
    sinceBootNow = sinceBoot,
  ) {
    this.#state = state
    this.#policy = `${signed ? 'signed' : 'unsigned'} ${name}`
    this.#sinceBoot = sinceBootNow
  }

  /** Lists the destinations that are known. */
  all(): readonly DestinationStanding[] {
    const rows = this.#state.database.all('SELECT * FROM upload_standing WHERE policy = ?', this.#policy)
    return rows.map(standingOf)
  }

  /** Notes that a session writes from now on: where nothing waited, something does, and for a new one time begins now. */
  begin(destinations: readonly string[], now: Date): void {
    const added = `INSERT INTO upload_standing (policy, destination, fine, boot, idle) VALUES (?, ?, ?, ?, 0)
      ON CONFLICT DO UPDATE SET fine = excluded.fine, boot = excluded.boot, idle = 0 WHERE idle = 1`
    for (const destination of destinations)
      this.#state.database.run(added, this.#policy, destination, now.getTime(), this.#sinceBoot())
  }

  /** Notes that a destination confirmed something. */
  confirmed(destination: string, now: Date): void {
    const sql = `INSERT INTO upload_standing (policy, destination, fine, boot, idle) VALUES (?, ?, ?, ?, 0)
      ON CONFLICT DO UPDATE SET fine = excluded.fine, boot = excluded.boot`
    this.#state.database.run(sql, this.#policy, destination, now.getTime(), this.#sinceBoot())
  }

  /** Notes a look. Where nothing waits, all is fine; else it is since when it was. */
  looked(
    destination: string,
    { at, isIdle }: { readonly at: Date; readonly isIdle: boolean },
    problem: UploadProblem | null,
  ): void {
    if (isIdle) this.confirmed(destination, at)
    else this.#add(destination, at)
    const sql = `UPDATE upload_standing SET idle = ?, code = ?, message = ?, hint = ?,
      since = CASE WHEN ? IS NULL THEN NULL WHEN code IS NULL THEN ? ELSE since END
      WHERE policy = ? AND destination = ?`
    const { code, message, hint } = problem ?? { code: null, message: null, hint: null }
    const values = [isIdle ? 1 : 0, code, message, hint, code, at.toISOString()]
    this.#state.database.run(sql, ...values, this.#policy, destination)
  }

  /** Notes what waits on this machine. */
  noteSpool({ bytes, unended }: Spool): void {
    const sql = 'INSERT OR REPLACE INTO upload_spool (policy, bytes, unended) VALUES (?, ?, ?)'
    this.#state.database.run(sql, this.#policy, bytes, JSON.stringify(Object.fromEntries(unended)))
  }

  /** Tells what waited on this machine at the last look; nothing where nobody has looked. */
  spool(): Spool {
    const row = this.#state.database.get(
      'SELECT bytes, unended FROM upload_spool WHERE policy = ?',
      this.#policy,
    )
    if (row === undefined) return { bytes: 0, unended: new Map() }
    const bytes = numberOf(row['bytes'])
    return { bytes: bytes >= 0 ? bytes : Number.NaN, unended: lengthsOf(row['unended']) }
  }

  #add(destination: string, at: Date): void {
    const sql = `INSERT OR IGNORE INTO upload_standing (policy, destination, fine, boot, idle) VALUES (?, ?, ?, ?, 0)`
    this.#state.database.run(sql, this.#policy, destination, at.getTime(), this.#sinceBoot())
  }
}

function standingOf(row: Row): DestinationStanding {
  return {
    destination: String(row['destination']),
    fineMs: numberOf(row['fine']),
    fineBootMs: numberOf(row['boot']),
    isIdle: row['idle'] === 1,
    problem: problemOf(row),
  }
}

function problemOf({ code, message, hint, since: at }: Row): DestinationStanding['problem'] {
  const since = storedInstant(at)
  if (typeof code !== 'string' || typeof message !== 'string' || typeof hint !== 'string') return null
  return since === null ? null : { code, message, hint, since }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}

// Of a log that is not in it, all counts as written since.
function lengthsOf(text: unknown): ReadonlyMap<string, number> {
  const value = parsed(String(text))
  if (typeof value !== 'object' || value === null) return new Map()
  return new Map(Object.entries(value).map(([session, bytes]) => [session, numberOf(bytes)]))
}
