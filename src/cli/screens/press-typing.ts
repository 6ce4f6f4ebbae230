import type { Key } from './keys.ts'
import {
  callInFocus,
  editInView,
  MAX_MESSAGE_CHARACTERS,
  type Next,
  type ScreenState,
  type Typing,
} from './state.ts'

/** Takes a key while a line is typed: a message to the model, or the word that confirms. */
export function typeKey(state: ScreenState, key: Key): Next {
  const { typing } = state
  if (typing === null) return { state, effect: null }
  switch (key.name) {
    case 'escape':
      return { state: { ...state, typing: null, notice: null }, effect: null }
    case 'backspace':
      return typed(state, { ...typing, text: Array.from(typing.text).slice(0, -1).join('') })
    case 'return':
      return key.alone ? finish(state, typing) : { state, effect: null }
    case 'character':
      return character(state, typing, key)
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

function character(state: ScreenState, typing: Typing, key: Key): Next {
  // A message may be pasted: it says no. A word that confirms is there to be typed.
  if (typing.kind === 'word' && !key.alone) {
    const notice = { tone: 'warn', text: 'the word is typed, not pasted' } as const
    return { state: { ...state, notice }, effect: null }
  }
  if (typing.text.length >= MAX_MESSAGE_CHARACTERS) return { state, effect: null }
  return typed(state, { ...typing, text: typing.text + key.text })
}

function typed(state: ScreenState, typing: Typing): Next {
  return { state: { ...state, typing, notice: null }, effect: null }
}

function finish(state: ScreenState, typing: Typing): Next {
  const examined = callInFocus(state)
  const done = { ...state, typing: null, notice: null }
  if (examined === null) return { state: done, effect: null }
  if (typing.kind === 'deny') {
    const message = typing.text.trim()
    return { state: done, effect: { kind: 'deny', examined, message: message === '' ? null : message } }
  }
  if (typing.text === typing.word) {
    const { remember } = typing
    return { state: done, effect: { kind: 'approve', examined, remember, edit: editInView(state) } }
  }
  const notice = { tone: 'warn', text: `that is not the word: type ${typing.word}` } as const
  return { state: { ...state, typing: { ...typing, text: '' }, notice }, effect: null }
}
