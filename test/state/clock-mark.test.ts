import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { anActivation, at, edit, HOLDER, newPlace, open, openActivations } from './a-state.ts'

describe('ClockMark', () => {
  it('[ATK-CLOCK-BACK] given a time before the mark, tells the mark; beyond two minutes, that it was set back', () => {
    const mark = new ClockMark(open(newPlace()))
    const told = [0, 100, 40, -20, -21, -3600, 101].map((seconds) => mark.mark(at(seconds)))
    expect(told).toEqual([
      { now: at(0), setBack: false },
      { now: at(100), setBack: false },
      { now: at(100), setBack: false },
      { now: at(100), setBack: false },
      { now: at(100), setBack: true },
      { now: at(100), setBack: true },
      { now: at(101), setBack: false },
    ])
  })

  it('[ATK-CLOCK-BACK] given another process, and one after a restart, the mark holds for both', () => {
    const place = newPlace()
    const [one, other] = [new ClockMark(open(place)), new ClockMark(open(place))]
    one.mark(at(1000))
    expect(other.mark(at(999))).toEqual({ now: at(1000), setBack: false })
    expect(new ClockMark(open(place)).mark(at(0))).toEqual({ now: at(1000), setBack: true })
  })

  it('given many questions in a short time, writes once in five seconds', () => {
    const place = newPlace()
    const [one, watcher] = [new ClockMark(open(place)), open(place)]
    const writes = Array.from({ length: 101 }, (_, index) => {
      one.mark(at(index / 10))
      return watcher.changed()
    })
    expect(writes.flatMap((written, index) => (written ? [index / 10] : []))).toEqual([0, 5, 10])
  })

  describe('given a lazy one', () => {
    it('writes within a second, or when it is told to, and remembers meanwhile', () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const place = newPlace()
      const [one, watcher] = [new ClockMark(open(place), { lazy: true }), open(place)]
      one.mark(at(100))
      expect(watcher.changed()).toBe(false)
      expect(one.mark(at(-100))).toEqual({ now: at(100), setBack: true })
      vi.advanceTimersByTime(1000)
      expect(watcher.changed()).toBe(true)
      one.mark(at(200))
      one.flush()
      expect(new ClockMark(open(place)).mark(at(0)).now).toEqual(at(200))
      expect(watcher.changed()).toBe(true)
      vi.advanceTimersByTime(2000)
      expect(watcher.changed()).toBe(false)
    })

    it('and a reset before it has written, the reset holds', () => {
      const place = newPlace()
      const one = new ClockMark(open(place), { lazy: true })
      one.mark(at(9000))
      new ClockMark(open(place)).reset(at(0))
      one.flush()
      expect(one.mark(at(1))).toEqual({ now: at(1), setBack: false })
      expect(new ClockMark(open(place)).mark(at(2))).toEqual({ now: at(2), setBack: false })
    })

    it('and a database that cannot be written by then, whoever marks is told until it can', () => {
      const place = newPlace()
      const one = new ClockMark(open(place), { lazy: true })
      one.mark(at(0))
      edit(
        place,
        'CREATE TRIGGER full BEFORE INSERT ON clock_mark BEGIN SELECT raise(FAIL, "it is full"); END',
      )
      expect(one.flush()).toMatchObject({ code: 'STATE_UNWRITABLE' })
      for (const second of [10, 11]) expect(() => one.mark(at(second))).toThrow(/it is full/)
      edit(place, 'DROP TRIGGER full')
      expect(one.mark(at(12))).toEqual({ now: at(12), setBack: false })
      expect(new ClockMark(open(place)).mark(at(0)).now).toEqual(at(12))
    })
  })

  it('given a process whose time is behind, the later time stays', () => {
    const place = newPlace()
    const [one, other] = [new ClockMark(open(place)), new ClockMark(open(place))]
    other.mark(at(0))
    one.mark(at(100))
    other.mark(at(50))
    expect(new ClockMark(open(place)).mark(at(0)).now).toEqual(at(100))
  })

  it('given a reset, the time holds that the clock says, in running processes too, and nothing is active', () => {
    const place = newPlace()
    const { activations, clock } = openActivations(place)
    const year = 365 * 24 * 3600
    clock.mark(at(year))
    activations.start(anActivation({ started: at(year), expires: at(year + 600) }))
    const other = openActivations(place)
    expect(other.activations.live(HOLDER, at(year))).toHaveLength(1)
    new ClockMark(open(place)).reset(at(0))
    expect([clock.mark(at(1)), other.clock.mark(at(2))]).toEqual([
      { now: at(1), setBack: false },
      { now: at(2), setBack: false },
    ])
    expect(other.activations.live(HOLDER, at(2))).toEqual([])
    activations.start(anActivation({ id: 'two' }))
    expect(other.activations.live(HOLDER, at(2))).toHaveLength(1)
  })

  it('given a mark that was removed, goes on from what it remembers itself', () => {
    const place = newPlace()
    const mark = new ClockMark(open(place))
    mark.mark(at(3600))
    edit(place, 'DELETE FROM clock_mark')
    expect(mark.mark(at(0))).toEqual({ now: at(3600), setBack: true })
  })

  it.each(['1e300', '9e999'])(
    'given a mark that was edited to %s, nothing is active, and a reset helps',
    (edited) => {
      const place = newPlace()
      const { activations, clock } = openActivations(place)
      activations.start(anActivation())
      edit(place, `UPDATE clock_mark SET at = ${edited}`)
      expect(activations.live(HOLDER, at(1))).toEqual([])
      expect(() => activations.start(anActivation({ id: 'two' }))).toThrow('was set back')
      clock.reset(at(2))
      activations.start(anActivation({ id: 'two' }))
      expect(activations.live(HOLDER, at(3))).toHaveLength(1)
    },
  )
})
