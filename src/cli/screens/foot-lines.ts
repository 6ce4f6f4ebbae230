import { durationInWords } from '../duration.ts'
import type { Offer } from '../approvals/examine.ts'
import { foreignText } from './foreign-text.ts'
import { packed } from './frame-lines.ts'
import { type Line, span } from './line.ts'
import { callInFocus, challengeInView, editInView, type ScreenState } from './state.ts'
import { fit } from './width.ts'
import { wrapped } from './wrapped.ts'

/** How much room there is, and whether the keys that answer count already. */
export interface Foot {
  readonly width: number
  readonly rows: number
  readonly keysCount: boolean
}

/** Lays out the bottom of the screen: what happened, what is typed, and which keys do something now. */
export function footLines(state: ScreenState, { width, rows, keysCount }: Foot): readonly Line[] {
  const most = rows < 20 ? 2 : 3
  const notice =
    state.notice === null ? [] : wrapped([span(state.notice.text, state.notice.tone)], width).slice(0, most)
  if (state.typing !== null) return [...notice, ...typingLines(state, width)]
  const lines = packed(keys(state, width < 60), width).slice(0, most)
  const isAnswered = challengeInView(state) !== null
  return [...notice, ...(keysCount || !isAnswered ? lines : notYet(lines, width))]
}

// As many lines as there will be: what is read above must not move.
function notYet([, ...others]: readonly Line[], width: number): readonly Line[] {
  return [[span(fit('wait a moment: keys do not answer yet', width), 'quiet')], ...others.map(() => [])]
}

function typingLines({ typing }: ScreenState, width: number): readonly Line[] {
  if (typing === null) return []
  const [ask, hint] =
    typing.kind === 'deny'
      ? ['Deny. A message to the model, or none', 'Return denies, Esc does not']
      : [`To approve, type ${typing.word} and Return`, 'Esc does not approve']
  // The end of what is typed is what the person looks at.
  const text = foreignText(typing.text).slice(-Math.max(4, width - 3))
  const words = wrapped([span(`${ask} (${hint}):`, 'title')], width)
  return [...words, [span('> '), span(text), span('_', 'chosen')]]
}

function keys(state: ScreenState, isNarrow: boolean): readonly string[] {
  if (state.view === 'help') return ['Esc back']
  if (state.view === 'remembered') return ['x ends it', 'j/k', 'Esc back']
  const examined = callInFocus(state)
  if (examined === null) return ['m remembered', '? help', 'q quit']
  const edit = editInView(state)
  if (edit !== null && examined.entry.state !== 'held') return ['Esc back', 'd deny', '? help', 'q quit']
  const offer = edit?.examined.offer ?? examined.offer
  const opens = state.view === 'list' ? 'Return opens' : 'Esc back'
  const all = state.view === 'edit' ? [] : [state.all ? 'v folds' : 'v all']
  const view = isNarrow ? ['? help', 'q quit'] : [opens, '? help', 'q quit']
  return [...answers(offer, state.view === 'edit', isNarrow), ...all, ...view]
}

function answers(offer: Offer, isEdit: boolean, isNarrow: boolean): readonly string[] {
  if (offer.kind === 'deny-only') return ['d deny']
  const { demand, word, edit } = offer
  const how = word === null || isNarrow ? '' : ` (type ${word})`
  if (isEdit) return [`a approve the edit${how}`, 'e edit again', 'd deny']
  const { remember } = demand
  const times = remember === null ? '' : `${remember.count}x in ${durationInWords(remember.forMs)}`
  const again = remember === null ? [] : [isNarrow ? `r ${times}` : `r approve ${times}`]
  return [`a approve${isNarrow ? '' : ' once'}${how}`, 'd deny', ...(edit ? ['e edit'] : []), ...again]
}
