const LAST_SECOND = 253_402_300_799

/** Writes seconds since 1970, as tokens count them, as RFC 3339 in UTC; null where they are none up to the year 9999. */
export function instantOfSeconds(seconds: unknown): string | null {
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= LAST_SECOND)) return null
  return new Date(Math.floor(seconds) * 1000).toISOString()
}
