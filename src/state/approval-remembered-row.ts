import type { SealKey } from './activation-row.ts'
import { SealedRows } from './approval-seal.ts'
import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'

/** An answer that covers the same call of one session so many more times, so long. */
export interface RememberedAnswer {
  readonly approval: string
  readonly session: string
  /** The call digest. */
  readonly call: string
  /** The server and the call, as people read them. */
  readonly label: string
  readonly what: string
  readonly left: number
  readonly until: Date
}

/** A remembered answer and when it is over by the clock that nobody sets, in milliseconds since this machine was started. */
export interface RememberedRow {
  readonly entry: RememberedAnswer
  readonly deadlineMs: number
}

const COLUMNS = ['approval', 'session', 'call', 'label', 'what', 'times', 'until', 'deadline'] as const
type Column = (typeof COLUMNS)[number]

const ROWS = new SealedRows<Column>('remembered', COLUMNS)

/** The rows of remembered answers, each sealed by the device key. */
export class RememberedRows {
  readonly #state: SharedState
  readonly #key: SealKey

  constructor(state: SharedState, key: SealKey) {
    this.#state = state
    this.#key = key
  }

  /** Writes one in place of what was written under its approval. */
  write({ entry, deadlineMs }: RememberedRow): void {
    const texts = {
      approval: entry.approval,
      session: entry.session,
      call: entry.call,
      label: entry.label.toWellFormed(), // SQLite stores UTF-8, which has no lone surrogates
      what: entry.what.toWellFormed(),
      times: String(entry.left),
      until: entry.until.toISOString(),
      deadline: String(deadlineMs),
    }
    ROWS.write(this.#state.database, texts, this.#key)
  }

  /** Reads those that are meant, the first to end first, and the rows whose seal does not fit. */
  read(which: 'all' | Pick<RememberedAnswer, 'session' | 'call'> | Pick<RememberedAnswer, 'approval'>): {
    readonly found: readonly RememberedRow[]
    readonly refused: readonly Row[]
  } {
    const all: { found: RememberedRow[]; refused: Row[] } = { found: [], refused: [] }
    for (const row of this.#rows(which)) {
      const texts = ROWS.read(row, this.#key)
      if (texts === null) all.refused.push(row)
      else all.found.push(rowOf((column) => texts[column] ?? ''))
    }
    return all
  }

  #rows(which: Parameters<RememberedRows['read']>[0]): Row[] {
    const { database } = this.#state
    const all = 'SELECT * FROM remembered'
    if (which === 'all') return database.all(`${all} ORDER BY until, approval`)
    if ('approval' in which) return database.all(`${all} WHERE approval = ?`, which.approval)
    const own = `${all} WHERE session = ? AND call = ? ORDER BY until, approval`
    return database.all(own, which.session, which.call)
  }
}

// What is sealed was written above, so its shapes hold.
function rowOf(own: (column: Column) => string): RememberedRow {
  const names = { approval: own('approval'), session: own('session'), call: own('call') }
  const words = { label: own('label'), what: own('what') }
  return {
    entry: { ...names, ...words, left: Number(own('times')), until: new Date(own('until')) },
    deadlineMs: Number(own('deadline')),
  }
}
