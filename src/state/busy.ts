import { sinceBoot } from './since-boot.ts'

/** SQLite's code for a file that somebody else has locked; there are finer ones, which differ in the higher bits. */
const SQLITE_BUSY = 5

/** Between two tries, in milliseconds: other each time, so that two who wait do not meet again and again. */
const [SHORTEST_MS, LONGEST_MS] = [1, 5]

const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4))

/** Tells whether somebody else has locked the file. */
export function isBusy(failure: unknown): boolean {
  if (!(failure instanceof Error && 'errcode' in failure)) return false
  return Number(failure.errcode) % 256 === SQLITE_BUSY
}

/**
 * Does work, again for so many milliseconds as long as the file is locked, and blocks meanwhile. SQLite's own wait soon
 * looks ten times a second only: next to a process that writes without a pause it may miss each moment between two writes.
 */
export function patiently<T>(waitMs: number, work: () => T): T {
  let end: number | null = null // most work is done at once, and asks no clock
  for (;;) {
    try {
      return work()
    } catch (failure) {
      if (!isBusy(failure)) throw failure
      const now = sinceBoot()
      end ??= now + waitMs
      if (now >= end) throw failure
    }
    Atomics.wait(NOBODY_WAKES, 0, 0, SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS))
  }
}
