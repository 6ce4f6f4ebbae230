import { setImmediate as nextRound } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { stayAwake } from '../../src/shim/stay-awake.ts'

/** A clock that counts how often it was looked at. */
function clock(): { now: number; looks: number; ms: () => number } {
  const made = { now: 0, looks: 0, ms: () => (made.looks++, made.now) }
  return made
}

// In ten rounds of the event loop.
async function looksIn(time: ReturnType<typeof clock>): Promise<number> {
  const before = time.looks
  for (let round = 0; round < 10; round += 1) await nextRound()
  return time.looks - before
}

describe('stayAwake', () => {
  it('looks at the clock again and again until a tenth of a millisecond after a message, then no more', async () => {
    const time = clock()
    const awake = stayAwake(time.ms)
    awake(1024)
    expect(await looksIn(time)).toBeGreaterThan(2)
    time.now = 0.05
    expect(await looksIn(time)).toBeGreaterThan(2)
    time.now = 0.2
    expect(await looksIn(time)).toBe(1)
    expect(await looksIn(time)).toBe(0)
  })

  it('given nothing that was sent, or a large message, sleeps', async () => {
    const time = clock()
    const awake = stayAwake(time.ms)
    awake(0)
    awake(64 * 1024)
    expect(await looksIn(time)).toBe(0)
  })

  it('given another message meanwhile, stays awake for longer, once', async () => {
    const time = clock()
    const awake = stayAwake(time.ms)
    awake(1024)
    time.now = 0.09
    awake(1024)
    time.now = 0.15
    expect(await looksIn(time)).toBeGreaterThan(2)
    time.now = 0.2
    expect(await looksIn(time)).toBe(1)
    awake(1024)
    expect(await looksIn(time)).toBeGreaterThan(2)
    time.now = 1
    expect(await looksIn(time)).toBe(1)
  })
})
