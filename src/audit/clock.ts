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
  let offsetMs = Date.now() - performance.now()
  let last = 0
  return {
    now: () => new Date(),
    micros() {
      const wall = Date.now()
      let at = offsetMs + performance.now()
      if (at < wall - TOLERANCE_MS || at > wall + TOLERANCE_MS) {
        offsetMs += wall - at
        at = wall
      }
      last = Math.max(last, Math.floor(at * 1000))
      return rfc3339(last)
    },
  }
}

function rfc3339(micros: number): string {
  const millis = Math.floor(micros / 1000)
  const rest = String(micros - millis * 1000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`
}
