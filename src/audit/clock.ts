import { monotonicMs } from './monotonic.ts'

/** What tells the time to a session log. One clock is shared by all of a process. */
export interface Clock {
  now(): Date
  /** The instant as RFC 3339 in UTC with microseconds; never earlier than what it gave before. */
  micros(): string
}

// `Date.now()` is cut to whole milliseconds, so the two clocks may be apart by that much without having
// drifted.
const TOLERANCE_MS = 2

/**
 * Makes the clock of this process: the wall clock's time with the monotonic clock's microseconds. It follows
 * the wall clock when that jumps forward (a laptop that slept) and stands still when that is set back, so
 * that the instants of one log never go backwards.
 */
export function systemClock(): Clock {
  let offsetMs = Date.now() - monotonicMs()
  let last = 0
  return {
    now: () => new Date(),
    micros() {
      const wall = Date.now()
      let at = offsetMs + monotonicMs()
      if (at < wall - TOLERANCE_MS || at > wall + TOLERANCE_MS) {
        offsetMs += wall - at
        at = wall
      }
      last = Math.max(last, Math.floor(at * 1000))
      return rfc3339(last)
    },
  }
}

// All but the fraction stays the same for a second, and making it anew for each record was a tenth of a record's cost.
const kept = { second: Number.NaN, prefix: '' }

function rfc3339(micros: number): string {
  const second = Math.floor(micros / 1_000_000)
  if (second !== kept.second) {
    kept.second = second
    kept.prefix = new Date(second * 1000).toISOString().slice(0, -4)
  }
  return `${kept.prefix}${String(micros - second * 1_000_000).padStart(6, '0')}Z`
}
