/** Parses an RFC 3339 point in time in UTC (`2026-12-20T00:00:00Z`); null where there is no such instant, such as a 30 February. */
export function parseInstant(text: string): Date | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/u.exec(text)
  if (found === null) return null
  const instant = new Date(text)
  // `new Date` rolls a 30 February over into March.
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 19))
    ? instant
    : null
}

/** Gives the instant so many milliseconds later. */
export function laterBy(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms)
}
