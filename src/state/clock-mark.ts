import { HoopctlError } from '../errors.ts'
import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'

/** What the time is, as far as expiry goes. */
export interface MarkedTime {
  /** Never before what any process of ours has marked. */
  readonly now: Date
  /** The clock says a time so far before the mark that it was set back: nothing that was active is any more. */
  readonly setBack: boolean
}

/** A clock that is corrected over the network steps back a little: that is no attack, and extends nothing. */
const TOLERANCE_MS = 120_000
/** The mark is written so often only: each write wakes the disk, and all processes. */
const WRITE_MS = 5000
/** A session's start, and its calls, do not wait for that. */
const SOON_MS = 1000

/** The last time that a Date can hold: an edited mark may be beyond it. */
const LAST_MS = 8.64e15

/** The latest time that any process of ours has seen: a clock set back extends and revives nothing. */
export class ClockMark {
  readonly #state: SharedState
  readonly #isLazy: boolean
  #due: number | null = null
  #timer: NodeJS.Timeout | undefined
  #isBroken = false
  #latest = Number.NEGATIVE_INFINITY
  #resets = 0

  /** @param options `lazy`: what is marked is written within a second, or by `flush` */
  constructor(state: SharedState, { lazy = false }: { readonly lazy?: boolean } = {}) {
    this.#state = state
    this.#isLazy = lazy
  }

  /** Marks what the clock says now. Throws STATE_UNWRITABLE where that cannot be compared with what it said before, or not be kept. */
  mark(now: Date): MarkedTime {
    const at = now.getTime()
    const stored = this.#stored()
    const latest = Math.max(stored, this.#latest)
    this.#latest = Math.max(at, latest)
    if (at >= stored + WRITE_MS) this.#keep(at)
    return { now: new Date(this.#latest), setBack: !(at >= latest - TOLERANCE_MS) }
  }

  /** Writes what is still to be written; gives what kept it from that. */
  flush(): HoopctlError | null {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#due === null) return null
    try {
      this.#stored() // after a reset nothing is due
      if (this.#due !== null) this.#write(this.#due)
      this.#due = null
      return null
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      this.#isBroken = true
      return failure
    }
  }

  #keep(at: number): void {
    // What could not be written is not put off again: whoever asks is told until it can.
    if (!this.#isLazy || this.#isBroken) {
      this.#write(at)
      this.#isBroken = false
      this.#due = null
      return
    }
    this.#due = at
    this.#timer ??= setTimeout(() => this.flush(), SOON_MS).unref()
  }

  /**
   * Takes the clock's time for the mark, though it is before it: for a person whose clock was wrong by years, and is
   * right now. Ends all activations, questions and remembered answers, in the same step.
   */
  reset(now: Date): void {
    const { database } = this.#state
    database.durably(() => {
      database.run('DELETE FROM activations')
      database.run("DELETE FROM questions WHERE state IN ('held', 'queued')")
      database.run('DELETE FROM remembered')
      database.run(
        'INSERT INTO clock_mark (only, at, resets) VALUES (1, ?, 1) ON CONFLICT DO UPDATE SET at = excluded.at, resets = resets + 1',
        now.getTime(),
      )
    })
  }

  #stored(): number {
    const row = this.#state.database.get('SELECT at, resets FROM clock_mark WHERE only = 1')
    const resets = Number(row?.['resets'] ?? 0)
    if (resets !== this.#resets) this.#forget()
    this.#resets = resets
    return markOf(row)
  }

  #forget(): void {
    this.#latest = Number.NEGATIVE_INFINITY
    this.#due = null
  }

  // Another process may have written a later one meanwhile.
  #write(at: number): void {
    this.#state.database.run(
      'INSERT INTO clock_mark (only, at, resets) VALUES (1, ?, 0) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)',
      at,
    )
  }
}

function markOf(row: Row | undefined): number {
  return row === undefined ? Number.NEGATIVE_INFINITY : Math.min(Number(row['at']), LAST_MS)
}
