import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { press } from '../../../src/cli/replay/press.ts'
import { found } from '../../../src/cli/replay/press-typing.ts'
import { type Effect, firstState, type Known, type ReplayState } from '../../../src/cli/replay/state.ts'
import { tick } from '../../../src/cli/replay/tick.ts'
import type { Key } from '../../../src/cli/screens/keys.ts'
import { knownOf } from './known.ts'

const PAGE = { lastScroll: 10, lines: 5 }
// At the places 0 to 9; denials are 3 and 7, approvals 4 and 5.
const KNOWN = knownOf(['0', '1', '2', '3d', '4a', '5a', '6', '7d', '8', '9'])
const NAMES = [
  'up',
  'down',
  'left',
  'right',
  'page-up',
  'page-down',
  'home',
  'end',
  'return',
  'escape',
  'backspace',
  'interrupt',
  'other',
] as const

function key(text: string): Key {
  const name = NAMES.find((one) => one === text)
  return name === undefined ? { name: 'character', text, alone: true } : { name, text: '', alone: true }
}

function after(keys: readonly string[], state = firstState(), known: Known = KNOWN) {
  const effects: Effect[] = []
  let now = state
  for (const one of keys) {
    const next = press(now, key(one), known, PAGE)
    now = next.state
    if (next.effect !== null) effects.push(next.effect)
  }
  return { state: now, effects, text: now.notice?.text ?? null }
}

const placeAfter = (...keys: readonly string[]) => after(keys).state.place
const at = (place: number): ReplayState => ({ ...firstState(), place })

describe('press', () => {
  it.each([
    ['j', 'down', 1],
    ['l', 'right', 1],
    ['G', 'end', 9],
  ])('given %s or %s at the first entry, goes to %i', (one, other, place) => {
    expect([placeAfter(one), placeAfter(other)]).toEqual([place, place])
  })

  it.each([
    ['k', 'up', 4],
    ['h', 'left', 4],
    ['g', 'home', 0],
    ['page-up', 'page-up', 0],
    ['page-down', 'page-down', 9],
  ])('given %s or %s at the sixth entry, goes to %i', (one, other, place) => {
    expect([after([one], at(5)).state.place, after([other], at(5)).state.place]).toEqual([place, place])
  })

  it('given steps beyond an end, stays there', () => {
    expect([placeAfter('k'), after(['j'], at(9)).state.place]).toEqual([0, 9])
  })

  it.each([
    [['d'], 3],
    [['d', 'd'], 7],
    [['d', 'd', 'D'], 3],
    [['a'], 4],
    [['a', 'a'], 5],
    [['a', 'a', 'A'], 4],
    [['G', 'A'], 5],
  ])('given %j, jumps to %i', (keys, place) => {
    expect(after(keys)).toMatchObject({ state: { place }, text: null })
  })

  it.each([
    ['d', 7, 'no denial behind this'],
    ['D', 3, 'no denial before this'],
    ['a', 5, 'no approval behind this'],
    ['A', 4, 'no approval before this'],
  ])('given %s where there is none at %i, stays and says so', (one, place, text) => {
    expect(after([one], at(place))).toMatchObject({ state: { place }, text })
  })

  it('given a log that is read still, does not say that there is none, nor that this is the end', () => {
    const known = { ...KNOWN, isRead: false }
    const texts = [after(['d'], at(7), known).text, after(['G'], at(0), known).text]
    expect(texts).toEqual([
      'no denial behind this yet: the log is being read still',
      'the last entry that was read by now: the log is being read still',
    ])
  })

  it('given space, plays, and pauses', () => {
    expect([after([' ']).state.playing, after([' ', ' ']).state.playing]).toEqual([true, false])
  })

  it.each(['j', 'd', 'g', 'G', 'return', '/', '?', 'v'])('given %s while it plays, pauses', (one) => {
    expect(after([' ', one]).state.playing).toBe(false)
  })

  it('given + and -, goes from speed to speed, and no further', () => {
    const speeds = ['', '+', '++', '+++', '++++', '+++++', '++-', '-', '++++++-'].map(
      (keys) => after(keys.split('')).state.speed,
    )
    expect(speeds).toEqual([1, 2, 4, 10, 60, 60, 2, 1, 10])
  })

  it.each([
    ['ended', 'the end of the session; g goes to the start'],
    ['runs', 'all that is recorded by now: the session runs still; g goes to the start'],
  ] as const)('given space at the last entry, and of the session’s end `%s`, says so', (end, text) => {
    expect(after([' '], at(9), { ...KNOWN, end })).toMatchObject({ state: { playing: false }, text })
  })

  it('given space where more was recorded since, plays on', () => {
    const more = knownOf(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'], { end: 'runs' })
    expect(tick(after([' '], at(9), more).state, 1000, more).place).toBe(10)
  })

  it('given Return, shows details, in which j and k scroll, l and h step, and Esc goes back', () => {
    const shown = after(['d', 'return', 'j', 'j', 'k']).state
    expect(shown).toMatchObject({ view: 'details', place: 3, scroll: 1 })
    expect(after(['page-down', 'page-down', 'page-down'], shown).state.scroll).toBe(10)
    expect(after(['l'], shown).state).toMatchObject({ view: 'details', place: 4, scroll: 0 })
    expect(after(['escape'], shown).state).toMatchObject({ view: 'timeline', place: 3 })
  })

  it('given v, shows the records whole, and again less', () => {
    const whole = after(['v']).state
    expect(whole).toMatchObject({ view: 'details', all: true })
    expect(after(['v'], whole).state).toMatchObject({ view: 'details', all: false })
    expect(after(['escape', 'return'], whole).state).toMatchObject({ view: 'details', all: false })
  })

  it('given ?, shows the help, in which nothing moves, and goes back', () => {
    const help = after(['d', '?', 'l', 'd']).state
    expect(help).toMatchObject({ view: 'help', place: 3 })
    expect(after(['?'], help).state.view).toBe('timeline')
  })

  it.each([
    ['q', 'quit'],
    ['interrupt', 'interrupt'],
  ])('given %s, leaves', (one, why) => {
    expect(after([one]).effects).toEqual([{ kind: 'leave', why }])
  })

  it('given Ctrl-C while a text is typed, leaves', () => {
    expect(after(['/', 'interrupt']).effects).toEqual([{ kind: 'leave', why: 'interrupt' }])
  })

  it.each([
    { keys: ['j'], place: 0 },
    { keys: [' ', '+', 'd'], place: 0 },
  ])('given no entry yet, survives $keys', ({ keys, place }) => {
    expect(after(keys, firstState(), knownOf([])).state.place).toBe(place)
  })

  it('given any keys and any time, stays within the session', () => {
    const keys = fc.constantFrom(...NAMES, ...' +-jklhgGdDaAnNv/?x'.split(''))
    const steps = fc.array(fc.tuple(keys, fc.integer({ min: 0, max: 20_000 })), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (each) => {
        let state = firstState()
        for (const [one, ms] of each) {
          state = tick(press(state, key(one), KNOWN, PAGE).state, ms, KNOWN)
          expect(KNOWN.entries.at(state.place)).not.toBeNaN()
          expect(state.scroll >= 0 && state.scroll <= PAGE.lastScroll).toBe(true)
        }
      }),
    )
  })
})

describe('a search', () => {
  const find = (by: 1 | -1, from: number) => [{ kind: 'find', search: { text: 'dqv', by }, from }]

  it('given / and a text, looks for it from here; n and N look on from where one is', () => {
    const typed = after(['/', 'd', 'q', 'x', 'backspace', 'v', 'return'], at(2))
    expect(typed.effects).toEqual(find(1, 2))
    expect(typed.state).toMatchObject({ typing: null, searching: true, place: 2 })
    const there = found(typed.state, { place: 6, where: 'told' })
    expect(there).toMatchObject({ place: 6, searching: false, notice: null })
    expect([after(['n'], there).effects, after(['N'], there).effects]).toEqual([find(1, 6), find(-1, 6)])
  })

  it('given a text that stands inside of a record, says that the details show it, where they do not yet', () => {
    const typed = after(['/', 'd', 'q', 'v', 'return']).state
    const hit = { place: 6, where: 'inside' } as const
    expect(found(typed, hit).notice?.text).toBe('found inside of it: Return shows it')
    expect(found({ ...typed, view: 'details' }, hit)).toMatchObject({ place: 6, notice: null })
  })

  it.each([
    ['n', 'not found: it is in no entry behind this'],
    ['N', 'not found: it is in no entry before this'],
  ])('given %s where it is not, says so and stays', (one, text) => {
    const typed = { ...after(['/', 'd', 'q', 'v', 'return'], at(2)).state, searching: false }
    const asked = after([one], typed).state
    expect(found(asked, null)).toMatchObject({ place: 2, searching: false, notice: { text } })
  })

  it.each(['escape', 'j', ' '])(
    'given %s while it goes on, ends it: what it finds then is nothing',
    (one) => {
      const typed = after(['/', 'd', 'q', 'v', 'return'], at(2)).state
      const ended = after([one], typed).state
      expect(found(ended, { place: 6, where: 'told' })).toBe(ended)
    },
  )

  it('given Esc or no text, looks for nothing', () => {
    const typed = [after(['/', 'd', 'escape']), after(['/', 'return'])]
    expect(typed.map(({ effects, state }) => [effects, state.typing])).toEqual([
      [[], null],
      [[], null],
    ])
  })

  it('given n before anything was looked for, says how', () => {
    expect(after(['n'])).toMatchObject({ effects: [], text: '/ and a text looks for it, then n and N' })
  })

  it('given more than 200 characters, takes no more', () => {
    const text = Array.from({ length: 300 }, () => 'x')
    expect(after(['/', ...text]).state.typing).toHaveLength(200)
  })
})
