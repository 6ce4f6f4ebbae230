import type { Topic } from '../../audit/replay-entries.ts'
import type { Key } from '../screens/keys.ts'
import { pressTyping } from './press-typing.ts'
import { type Known, type Next, type ReplayState, SPEEDS } from './state.ts'
import { ENDS, movedTo } from './tick.ts'

/** What the view knows: how far one can scroll, and how many lines a page has. */
export interface Page {
  readonly lastScroll: number
  readonly lines: number
}

/** Takes one key. Pure: what is to be done goes out as an effect. */
export function press(state: ReplayState, key: Key, known: Known, page: Page): Next {
  if (key.name === 'interrupt') return { state, effect: { kind: 'leave', why: 'interrupt' } }
  // Any key ends a search that goes on; where it means something else too, that is done.
  const quiet = { ...state, notice: null, searching: false }
  if (state.typing !== null) return pressTyping(quiet, state.typing, key)
  if (key.name !== 'character') return stay(move(quiet, key, known, page))
  // Also several at once: over a slow line, a key that is held down comes so, and none of them does harm.
  return command(quiet, key, known, page)
}

function command(state: ReplayState, key: Key, known: Known, page: Page): Next {
  switch (key.text) {
    case 'q':
      return { state, effect: { kind: 'leave', why: 'quit' } }
    case 'n':
    case 'N':
      return again(state, key.text === 'n' ? 1 : -1)
    default:
      return stay(commanded(state, key, known, page))
  }
}

function commanded(state: ReplayState, key: Key, known: Known, page: Page): ReplayState {
  switch (key.text) {
    case ' ':
      return playOrPause(state, known)
    case '+':
    case '=':
      return faster(state, 1)
    case '-':
      return faster(state, -1)
    case 'j':
    case 'k':
      return move(state, { ...key, name: key.text === 'j' ? 'down' : 'up' }, known, page)
    case 'l':
    case 'h':
      return step(state, key.text === 'l' ? 1 : -1, known)
    case 'g':
    case 'G':
      return move(state, { ...key, name: key.text === 'g' ? 'home' : 'end' }, known, page)
    case 'd':
    case 'D':
      return jump(state, 'denial', key.text === 'd' ? 1 : -1, known)
    case 'a':
    case 'A':
      return jump(state, 'approval', key.text === 'a' ? 1 : -1, known)
    case 'v':
      return { ...state, view: 'details', all: !state.all, scroll: 0, playing: false }
    case '/':
      return { ...state, typing: '', playing: false }
    case '?':
      return { ...state, view: state.view === 'help' ? 'timeline' : 'help', scroll: 0, playing: false }
    default:
      return state
  }
}

function move(state: ReplayState, key: Key, known: Known, page: Page): ReplayState {
  const isTimeline = state.view === 'timeline'
  switch (key.name) {
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down': {
      const by = key.name.startsWith('page') ? page.lines : 1
      const signed = key.name.endsWith('up') ? -by : by
      return isTimeline ? step(state, signed, known) : scrollTo(state, state.scroll + signed, page)
    }
    case 'left':
    case 'right':
      return step(state, key.name === 'right' ? 1 : -1, known)
    case 'home':
      return isTimeline ? goTo(state, 0) : scrollTo(state, 0, page)
    case 'end':
      return isTimeline ? toEnd(state, known) : scrollTo(state, page.lastScroll, page)
    case 'return':
      return isTimeline ? { ...state, view: 'details', scroll: 0, all: false, playing: false } : state
    case 'escape':
      return { ...state, view: 'timeline', scroll: 0, all: false }
    case 'backspace':
    case 'character':
    case 'interrupt':
    case 'other':
      return state
    default:
      return key.name satisfies never
  }
}

function playOrPause(state: ReplayState, { entries, isRead, end }: Known): ReplayState {
  if (state.playing) return { ...state, playing: false }
  const isLast = isRead && state.place >= entries.count - 1
  if (isLast) return { ...state, notice: { ...ENDS[end], text: `${ENDS[end].text}; g goes to the start` } }
  return { ...state, playing: true, view: state.view === 'help' ? 'timeline' : state.view }
}

function faster(state: ReplayState, by: 1 | -1): ReplayState {
  const speed = SPEEDS[SPEEDS.indexOf(state.speed) + by]
  return speed === undefined ? state : { ...state, speed }
}

// Whoever moves by hand wants to look: what plays on would take it away.
function goTo(state: ReplayState, place: number): ReplayState {
  return { ...state, ...movedTo(state, place), playing: false }
}

function step(state: ReplayState, by: number, { entries }: Known): ReplayState {
  if (state.view === 'help') return state
  return goTo(state, Math.max(0, Math.min(state.place + by, entries.count - 1)))
}

function toEnd(state: ReplayState, { entries, isRead, end }: Known): ReplayState {
  const there = goTo(state, Math.max(0, entries.count - 1))
  const text = 'the last entry that was read by now: the log is being read still'
  return { ...there, notice: isRead ? ENDS[end] : { tone: 'warn', text } }
}

function jump(state: ReplayState, topic: Topic, by: 1 | -1, { entries, isRead }: Known): ReplayState {
  if (state.view === 'help') return state
  const found = by === 1 ? entries.next(topic, state.place) : entries.previous(topic, state.place)
  if (found !== null) return goTo(state, found)
  const where = by === 1 ? 'behind this' : 'before this'
  const yet = by === 1 && !isRead ? ' yet: the log is being read still' : ''
  return { ...state, playing: false, notice: { tone: 'warn', text: `no ${topic} ${where}${yet}` } }
}

function again(state: ReplayState, by: 1 | -1): Next {
  const { search, place } = state
  if (search === null)
    return stay({ ...state, notice: { tone: 'warn', text: '/ and a text looks for it, then n and N' } })
  const next = { text: search.text, by }
  return {
    state: { ...state, playing: false, searching: true, search: next },
    effect: { kind: 'find', search: next, from: place },
  }
}

function scrollTo(state: ReplayState, line: number, { lastScroll }: Page): ReplayState {
  return { ...state, scroll: Math.max(0, Math.min(line, lastScroll)) }
}

function stay(state: ReplayState): Next {
  return { state, effect: null }
}
