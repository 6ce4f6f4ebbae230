import { vi } from 'vitest'

/** Waits until what is expected holds. Two minutes: a limit ends what hangs, a loaded machine must not fail a test. */
export function eventually<T>(holds: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(holds, { timeout: 120_000, interval: 5 })
}
