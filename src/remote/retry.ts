import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpAnswer } from '../http.ts'

/** What waiting between two attempts needs of the world. */
export interface Waiting {
  /** Ends early, rejecting, when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** From 0 up to 1. */
  readonly random: () => number
  readonly now: () => Date
}

/** Waits in fact. */
export const WAITING: Waiting = {
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
  random: Math.random,
  now: () => new Date(),
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000
const LONGEST_RETRY_AFTER_MS = 30_000

/** Says whether an answer is one that may be another a little later. */
export function isPassing({ status }: HttpAnswer): boolean {
  return status === 429 || status >= 500
}

/**
 * Says how long to wait before attempt `attempt` (1 is the first repetition), in milliseconds. What Retry-After asks for
 * counts (RFC 9110, section 10.2.3), up to half a minute; null: it asks for more, so do not repeat. Random, because the
 * shims of a whole company lose the same server in the same moment.
 */
export function pauseBefore(
  attempt: number,
  answer: HttpAnswer | null,
  { random, now }: Waiting,
): number | null {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  const pause = longest / 2 + (random() * longest) / 2
  const asked = retryAfterMs(answer?.headers.get('retry-after'), now())
  if (asked === null) return pause
  return asked > LONGEST_RETRY_AFTER_MS ? null : asked + random() * longest
}

function retryAfterMs(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null
  if (/^\d{1,9}$/u.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime())
}
