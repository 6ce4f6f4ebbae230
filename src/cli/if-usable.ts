import { HoopctlError } from '../errors.ts'

/**
 * Does work on what the processes share; null where that is missing or broken, which is no reason not to go on. Throws what is
 * no failure of ours.
 */
export function ifUsable<T>(work: () => T): T | null {
  try {
    return work()
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    return null
  }
}
