import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'

const KINDS = [
  ...(['request', 'revoke', 'ended', 'sign-in', 'sign-out'] as const),
  ...(['refused-activation', 'refused-approval'] as const),
]

/** What happened outside of a session and belongs into the records of those that run. */
export interface NewEvent {
  readonly kind: (typeof KINDS)[number]
  readonly at: Date
  /** What there is to say about it, by name: `grant`, `reason`, `sub`, … Never a secret. */
  readonly fields: Readonly<Record<string, string>>
}

/** An event with its number: later ones have higher numbers. */
export interface StateEvent extends NewEvent {
  readonly id: number
}

const KEPT = 1000

/** What happened of late, for running sessions to record. Only the last thousand events are kept. */
export class Events {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  /** Appends an event; returns its number. */
  append({ kind, at, fields }: NewEvent): number {
    const { database } = this.#state
    return database.atomically(() => {
      const insert = 'INSERT INTO events (at, kind, fields) VALUES (?, ?, ?) RETURNING id'
      const id = Number(database.get(insert, at.toISOString(), kind, JSON.stringify(fields))?.['id'])
      database.run('DELETE FROM events WHERE id <= ?', id - KEPT)
      return id
    })
  }

  /** Appends an event, unless one of its kind says the same already: several processes come upon it, and again after a restart. */
  appendOnce(event: NewEvent): void {
    const { database } = this.#state
    const find = 'SELECT id FROM events WHERE kind = ? AND fields = ?'
    database.atomically(() => {
      if (database.get(find, event.kind, JSON.stringify(event.fields)) === undefined) this.append(event)
    })
  }

  /** Tells the number of the last event, 0 where there is none: a session that begins reads from there. */
  last(): number {
    return Number(this.#state.database.get('SELECT max(id) AS id FROM events')?.['id'] ?? 0)
  }

  /** Reads the events after the one with that number, in their order. */
  since(id: number): StateEvent[] {
    const rows = this.#state.database.all(
      'SELECT id, at, kind, fields FROM events WHERE id > ? ORDER BY id',
      id,
    )
    return rows.flatMap(eventOf)
  }
}

// A row that is none of ours, which somebody wrote by other means, tells nothing.
function eventOf(row: Row): StateEvent[] {
  const at = new Date(String(row['at']))
  const kind = KINDS.find((known) => known === row['kind'])
  const fields = textsOf(String(row['fields']))
  if (kind === undefined || fields === null || Number.isNaN(at.getTime())) return []
  return [{ id: Number(row['id']), at, kind, fields }]
}

function textsOf(json: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null) return null
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
    )
  } catch {
    return null
  }
}
