import type { Key } from './keys.ts'
import { approveKey } from './press-approve.ts'
import { typeKey } from './press-typing.ts'
import { isAnswer, restless, untilKeysCount } from './settling.ts'
import { callInFocus, type Next, type ScreenState } from './state.ts'
import { FRESH } from './take-news.ts'

/** What the view knows: how far one can scroll, and how many lines a page has. */
export interface Page {
  readonly lastScroll: number
  readonly lines: number
  /** Is the terminal large enough to show what is answered? */
  readonly readable: boolean
}

/** Takes one key. Pure: time comes in, and what is to be done goes out as an effect. */
export function press(state: ScreenState, key: Key, nowMs: number, page: Page): Next {
  if (key.name === 'interrupt') return { state, effect: { kind: 'quit', why: 'interrupt' } }
  // Meant for the call before, whatever it is: an arrow too would lead away from what is read.
  const isTooSoon = untilKeysCount(state, nowMs) > 0
  if (isTooSoon && (state.typing !== null || isAnswer(key))) return stay(restless(state, nowMs))
  if (state.typing !== null) return typeKey(state, key)
  const quiet = { ...state, notice: null }
  if (key.name !== 'character') return move(quiet, key, page)
  // Several characters at once were pasted, or written by a program: none of them is a command.
  if (!key.alone)
    return stay({ ...state, notice: { tone: 'warn', text: 'what was pasted is not taken for keys' } })
  const next = command(quiet, key, page)
  if (next.effect?.kind !== 'approve') return next
  return { ...next, state: { ...next.state, yes: { atMs: nowMs } } }
}

// Nobody says yes to what they cannot see.
const YES = ['a', 'r']
const TOO_SMALL = {
  tone: 'warn',
  text: 'the terminal is too small to show this call: make it at least 40 by 12',
} as const

function command(state: ScreenState, key: Key, page: Page): Next {
  switch (key.text) {
    case 'q':
      return { state, effect: { kind: 'quit', why: 'quit' } }
    case '?':
      return stay({ ...state, view: state.view === 'help' ? home(state) : 'help', scroll: 0 })
    case 'j':
    case 'k':
      return move(state, { ...key, name: key.text === 'j' ? 'down' : 'up' }, page)
    case ' ':
      return move(state, { ...key, name: 'page-down' }, page)
    case 'g':
    case 'G':
      return move(state, { ...key, name: key.text === 'g' ? 'home' : 'end' }, page)
    case 'v':
      return stay(seeAll(state))
    case 'm':
      return stay({ ...state, view: state.view === 'remembered' ? home(state) : 'remembered', row: 0 })
    case 'x':
      return forget(state)
    default:
      if (!page.readable && YES.includes(key.text)) return stay({ ...state, notice: TOO_SMALL })
      return approveKey(state, key)
  }
}

function move(state: ScreenState, key: Key, page: Page): Next {
  switch (key.name) {
    case 'up':
    case 'down':
      return stay(step(state, key.name === 'up' ? -1 : 1, page))
    case 'page-up':
      return stay(scrollTo(state, state.scroll - page.lines, page))
    case 'page-down':
      return stay(scrollTo(state, state.scroll + page.lines, page))
    case 'home':
      return stay(scrollTo(state, 0, page))
    case 'end':
      return stay(scrollTo(state, page.lastScroll, page))
    case 'return': // opens, and never answers: it is the key that is pressed without looking
      return stay(state.view === 'list' && callInFocus(state) !== null ? { ...state, view: 'call' } : state)
    case 'escape':
      return stay(back(state))
    case 'left':
    case 'right':
    case 'backspace':
    case 'character':
    case 'interrupt':
    case 'other':
      return stay(state)
    default:
      return key.name satisfies never
  }
}

function step(state: ScreenState, by: 1 | -1, page: Page): ScreenState {
  if (state.view === 'remembered') {
    const row = Math.max(0, Math.min(state.remembered.length - 1, state.row + by))
    return { ...state, row }
  }
  if (state.view !== 'list') return scrollTo(state, state.scroll + by, page)
  const all = state.calls.map(({ entry }) => entry.question.challenge)
  const place = state.selected === null ? -1 : all.indexOf(state.selected)
  const selected = all[place + by]
  return selected === undefined ? state : { ...state, ...FRESH, selected }
}

function scrollTo(state: ScreenState, line: number, { lastScroll }: Page): ScreenState {
  return { ...state, scroll: Math.max(0, Math.min(line, lastScroll)) }
}

function back(state: ScreenState): ScreenState {
  if (state.view === 'edit') return { ...state, view: 'call', edit: null, scroll: 0 }
  return { ...state, view: state.view === 'call' ? 'list' : home(state), scroll: 0 }
}

// Where the help and what is remembered were opened from, or the list.
function home({ only, edit }: ScreenState): 'list' | 'call' | 'edit' {
  if (edit !== null) return 'edit'
  return only === null ? 'list' : 'call'
}

function seeAll(state: ScreenState): ScreenState {
  if (callInFocus(state) === null || state.edit !== null) return state
  return { ...state, view: 'call', all: !state.all, scroll: 0 }
}

function forget(state: ScreenState): Next {
  const one = state.view === 'remembered' ? state.remembered[state.row] : undefined
  return { state, effect: one === undefined ? null : { kind: 'forget', one } }
}

function stay(state: ScreenState): Next {
  return { state, effect: null }
}
