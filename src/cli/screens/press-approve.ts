import type { Examined } from '../approvals/examine.ts'
import { HOLD_OVER } from './edit-lines.ts'
import type { Key } from './keys.ts'
import { callInFocus, editInView, type Next, type ScreenState } from './state.ts'

/** Takes a key that may be an answer to the call in focus: `a`, `r`, `e` or `d`. */
export function approveKey(state: ScreenState, { text }: Key): Next {
  const examined = callInFocus(state)
  if (examined === null || state.view === 'help' || state.view === 'remembered')
    return { state, effect: null }
  if (text === 'd') return { state: { ...state, typing: { kind: 'deny', text: '' } }, effect: null }
  if (!['a', 'r', 'e'].includes(text)) return { state, effect: null }
  // An edit is a call of its own: what may be answered is what was found out about that one.
  const inView = editInView(state)
  const { offer } = inView?.examined ?? examined
  if (inView !== null && examined.entry.state !== 'held') return refuse(state, HOLD_OVER)
  if (offer.kind === 'deny-only') return refuse(state, `it cannot be approved: ${offer.why}`)
  if (text === 'e') return edit(state, examined, offer.edit)
  if (text === 'r' && inView !== null) return refuse(state, 'an edited call cannot be remembered')
  if (text === 'r' && offer.demand.remember === null)
    return refuse(
      state,
      'no answer to it can be remembered: that needs a held call, and a policy that says so',
    )
  const remember = text === 'r'
  if (offer.word !== null) {
    const typing = { kind: 'word', text: '', word: offer.word, remember } as const
    return { state: { ...state, typing }, effect: null }
  }
  return { state, effect: { kind: 'approve', examined, remember, edit: inView } }
}

function edit(state: ScreenState, examined: Examined, may: boolean): Next {
  if (may) return { state, effect: { kind: 'edit', examined } }
  return refuse(state, 'it cannot be edited: that needs a held call, one answer, and a policy that says so')
}

function refuse(state: ScreenState, text: string): Next {
  return { state: { ...state, notice: { tone: 'warn', text } }, effect: null }
}
