/** Clocks: the wall's, and one that nobody sets, in milliseconds. */
export interface Clocks {
  readonly now: () => Date
  readonly monotonic: () => number
}

/**
 * Makes a clock that never goes back: the later of what the wall says and of what has passed since the start. A clock that
 * is set back revives nothing.
 * @param mark gives the time that any process has seen, or the one given if it is later
 */
export function everLater({ now, monotonic }: Clocks, mark: (now: Date) => Date): () => Date {
  let latest = mark(now()).getTime()
  let at = monotonic()
  return () => {
    const passed = monotonic()
    latest = Math.max(latest + Math.max(0, passed - at), now().getTime())
    at = passed
    return new Date(latest)
  }
}
