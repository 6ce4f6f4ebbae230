import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstState, type ReplayState, SPEEDS } from '../../../src/cli/replay/state.ts'
import { LONGEST_WAIT_MS, tick, waitBehind } from '../../../src/cli/replay/tick.ts'
import { knownOf } from './known.ts'

const playing: ReplayState = { ...firstState(), playing: true }

describe('tick', () => {
  it('given a pause, stays', () => {
    const state = firstState()
    expect(tick(state, 1000, knownOf(['0', '0.1']))).toBe(state)
  })

  it('given real time, shows each entry when it was', () => {
    const known = knownOf(['0', '1', '1.5', '3'])
    const places = [999, 1, 499, 1, 1000].map(
      (
        (state) => (ms: number) =>
          (state = tick(state, ms, known)).place
      )(playing),
    )
    expect(places).toEqual([0, 1, 1, 2, 2])
  })

  it.each(SPEEDS)('given %ix, waits so many times less', (speed) => {
    const known = knownOf(['0', '3', '100'])
    const state = { ...playing, speed }
    const justBefore = tick(state, 3000 / speed - 1, known)
    expect([justBefore.place, tick(justBefore, 1, known).place]).toEqual([0, 1])
  })

  it('given entries that came at once, shows them at once, and the rest of the time counts for the next', () => {
    const state = tick(playing, 1500, knownOf(['0', '0', '0', '1', '2', '9']))
    expect({ place: state.place, waitedMs: state.waitedMs }).toEqual({ place: 3, waitedMs: 500 })
  })

  it('given a long gap, waits some seconds, and says that it was shortened', () => {
    const known = knownOf(['0', '655', '656'])
    const wait = { gapMs: 655_000, waitMs: LONGEST_WAIT_MS, isShortened: true }
    expect(waitBehind(0, 1, known)).toEqual(wait)
    const before = tick(playing, LONGEST_WAIT_MS - 1, known)
    const behind = tick(before, 1, known)
    const notice = { tone: 'warn', text: 'a gap of 10m 55s was shortened to 5s' }
    expect([before.place, before.notice, behind.place, behind.notice]).toEqual([0, null, 1, notice])
  })

  it('given a gap that is short at this speed, does not shorten it', () => {
    expect(waitBehind(0, 60, knownOf(['0', '240']))).toEqual({
      gapMs: 240_000,
      waitMs: 4000,
      isShortened: false,
    })
  })

  it('given no time of an entry, does not wait for it', () => {
    const known = knownOf(['x', '0', '1', '9'])
    expect(tick(playing, 1000, known).place).toBe(2)
  })

  it.each([
    ['ended', 'the end of the session'],
    ['runs', 'all that is recorded by now: the session runs still'],
    ['unknown', 'no end is recorded: it was killed, or its end was cut off'],
  ] as const)('given the last entry, and of the session’s end `%s`, pauses and says so', (end, text) => {
    const { place, playing: plays, notice } = tick(playing, 1000, knownOf(['0', '1'], { end }))
    expect({ place, plays, text: notice?.text }).toEqual({ place: 1, plays: false, text })
  })

  it('given a log that is read still, waits at its end for what comes', () => {
    const at = tick(playing, 1000, knownOf(['0', '1'], { isRead: false }))
    expect({ place: at.place, playing: at.playing, notice: at.notice }).toEqual({
      place: 1,
      playing: true,
      notice: null,
    })
    expect(tick(at, 100, knownOf(['0', '1', '1.1', '5'])).place).toBe(2)
  })

  it('given any ticks, ends where one tick as long as all of them does', () => {
    const ticks = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 })
    const gaps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(ticks, gaps, fc.constantFrom(...SPEEDS), (each, seconds, speed) => {
        let at = 0
        const known = knownOf(['0', ...seconds.map((gap) => String((at += gap)))])
        const state = { ...playing, speed }
        const whole = tick(
          state,
          each.reduce((sum, ms) => sum + ms, 0),
          known,
        )
        const parts = each.reduce((one, ms) => tick(one, ms, known), state)
        expect(parts.place).toBe(each.length === 0 ? 0 : whole.place)
      }),
    )
  })
})
