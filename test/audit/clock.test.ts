import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/audit/clock.ts'

describe('systemClock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('given the real clocks, tells RFC 3339 in UTC with microseconds, near the wall clock', () => {
    const clock = systemClock()
    const [before, at, after] = [Date.now(), clock.micros(), Date.now()]
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before - 1000) // the wall clock may be set meanwhile
    expect(Date.parse(at)).toBeLessThanOrEqual(after + 1000)
  })

  it('given ten thousand questions, never goes backwards and tells more than milliseconds', () => {
    const clock = systemClock()
    const instants = Array.from({ length: 10_000 }, () => clock.micros())
    expect(instants).toEqual([...instants].sort())
    expect(instants.some((at) => !at.endsWith('000Z'))).toBe(true)
  })

  it('given a wall clock that is set back, stands still', () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-21T09:14:07.000Z'), toFake: ['Date', 'hrtime'] })
    const clock = systemClock()
    const before = clock.micros()
    vi.setSystemTime(Date.parse('2026-11-21T08:14:07.000Z'))
    expect(clock.micros()).toBe(before)
  })

  it('given a wall clock that jumps forward while the monotonic one stood, follows it', () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-21T09:14:07.000Z'), toFake: ['Date', 'hrtime'] })
    const clock = systemClock()
    clock.micros()
    vi.setSystemTime(Date.parse('2026-11-21T17:00:00.000Z'))
    expect(clock.micros()).toBe('2026-11-21T17:00:00.000000Z')
  })
})
