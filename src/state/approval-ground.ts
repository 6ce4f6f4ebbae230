import { uptime } from 'node:os'
import { HoopctlError } from '../errors.ts'
import type { SealKey } from './activation-row.ts'
import type { ClockMark, MarkedTime } from './clock-mark.ts'
import type { Row } from './database.ts'
import { Events } from './events.ts'
import type { SharedState } from './shared-state.ts'
import { sinceBoot } from './since-boot.ts'

/** A row that counts for nothing, because its seal does not fit what it says. What it says is anybody's. */
export interface RefusedApproval {
  readonly id: string
  readonly why: string
}

/** What keeping approvals needs. */
export interface ApprovalNeeds {
  readonly key: SealKey
  readonly clock: ClockMark
  /** Called once for each edited row, in the process that comes upon it first; an event tells all others. */
  readonly onRefused?: (refused: RefusedApproval) => void
  /** Tells when a process started, in whatever words; null: there is no such process. */
  readonly startOf?: (pid: number) => string | null
  /** Milliseconds of a clock that nobody sets, and that all processes of this machine read alike. */
  readonly monotonic?: () => number
  /** Seconds since this machine was started, in which it also slept. */
  readonly uptime?: () => number
}

/** How long what is over is kept. */
const KEPT_MS = 7 * 24 * 3600_000

/** So much of a name in an edited row is told. */
const SHOWN = 100

/** What questions and remembered answers have in common: two clocks, and rows that somebody may have edited. */
export class ApprovalGround {
  readonly #state: SharedState
  readonly #needs: ApprovalNeeds
  readonly #events: Events
  readonly #monotonic: () => number

  constructor(state: SharedState, needs: ApprovalNeeds) {
    this.#state = state
    this.#needs = needs
    this.#events = new Events(state)
    this.#monotonic = needs.monotonic ?? sinceBoot
  }

  /** Tells the time as far as expiry goes. */
  time(now: Date): MarkedTime {
    return this.#needs.clock.mark(now)
  }

  /** Tells the time for what is to begin. Throws STATE_UNWRITABLE where the clock was set back: it would be over at once. */
  beginning(now: Date): MarkedTime {
    const time = this.time(now)
    if (time.setBack) throw clockSetBack(now, time.now)
    return time
  }

  /** Tells when something is over by the clock that nobody sets, in milliseconds since this machine was started. */
  deadlineMs(end: Date, { now }: MarkedTime): number {
    return this.#monotonic() + end.getTime() - now.getTime()
  }

  /** Tells whether it is over by either clock. A clock set back a little, again and again, would put off an end for ever. */
  isOver(end: Date, deadlineMs: number, { now, setBack }: MarkedTime): boolean {
    // Said this way round, what cannot be compared is over.
    const isInTime = now.getTime() < end.getTime() && this.#monotonic() < deadlineMs
    return setBack || !isInTime
  }

  /** Was this before the machine was last started? As far as its wall clock tells: nothing is to be decided by it. */
  isBeforeStart(instant: string, now: Date): boolean {
    const upMs = (this.#needs.uptime ?? uptime)() * 1000
    return new Date(instant).getTime() < now.getTime() - upMs
  }

  /** Removes a row whose seal does not fit, and tells of it once. */
  refuse(table: 'questions' | 'remembered', name: 'id' | 'approval', row: Row, { now }: MarkedTime): void {
    const id = String(row[name])
    // Where the row cannot even be removed it is refused all the same, but told of only by those who could.
    if (this.#state.database.run(`DELETE FROM ${table} WHERE ${name} = ?`, id) === 0) return
    const why = 'its seal does not fit: it was edited, or not written by hoopctl on this device'
    const fields = { id: id.slice(0, SHOWN), why }
    this.#events.append({ kind: 'refused-approval', at: now, fields })
    this.#needs.onRefused?.(fields)
  }
}

/** Tells before which end things are forgotten, as their rows write it. */
export function forgottenBefore({ now }: MarkedTime): string {
  return new Date(now.getTime() - KEPT_MS).toISOString()
}

function clockSetBack(now: Date, mark: Date): HoopctlError {
  const message = `the clock of this machine was set back: it says ${now.toISOString()}, and has said ${mark.toISOString()}`
  return new HoopctlError('STATE_UNWRITABLE', message, { hint: 'set the clock right, then ask again' })
}
