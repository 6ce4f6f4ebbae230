import type { Where } from '../../audit/recorded-session.ts'
import type { Key } from '../screens/keys.ts'
import type { Next, ReplayState } from './state.ts'
import { movedTo } from './tick.ts'

/** So many characters are looked for at most. */
const MAX_SEARCH_CHARACTERS = 200

/** Takes a key while a text is typed, to look for it. */
export function pressTyping(state: ReplayState, typed: string, key: Key): Next {
  switch (key.name) {
    case 'escape':
      return { state: { ...state, typing: null }, effect: null }
    case 'backspace':
      return { state: { ...state, typing: Array.from(typed).slice(0, -1).join('') }, effect: null }
    case 'return':
      return find({ ...state, typing: null }, typed)
    case 'character': {
      const isFull = typed.length >= MAX_SEARCH_CHARACTERS
      return { state: isFull ? state : { ...state, typing: typed + key.text }, effect: null }
    }
    case 'up':
    case 'down':
    case 'left':
    case 'right':
    case 'page-up':
    case 'page-down':
    case 'home':
    case 'end':
    case 'interrupt':
    case 'other':
      return { state, effect: null }
    default:
      return key.name satisfies never
  }
}

function find(state: ReplayState, text: string): Next {
  if (text === '') return { state, effect: null }
  const search = { text, by: 1 } as const
  return {
    state: { ...state, search, searching: true, view: state.view === 'help' ? 'timeline' : state.view },
    effect: { kind: 'find', search, from: state.place },
  }
}

/** Where a text was found. */
export interface Hit {
  readonly place: number
  readonly where: Where
}

/** Takes what came of a search; null: nothing. One that was ended meanwhile found nothing. */
export function found(state: ReplayState, hit: Hit | null): ReplayState {
  const { search, searching } = state
  if (search === null || !searching) return state
  const over = { ...state, searching: false }
  if (hit !== null) {
    const there = { ...over, ...movedTo(state, hit.place), playing: false }
    const isHidden = hit.where === 'inside' && state.view === 'timeline'
    return isHidden
      ? { ...there, notice: { tone: 'good', text: 'found inside of it: Return shows it' } }
      : there
  }
  const where = search.by === 1 ? 'behind this' : 'before this'
  return { ...over, notice: { tone: 'warn', text: `not found: it is in no entry ${where}` } }
}
