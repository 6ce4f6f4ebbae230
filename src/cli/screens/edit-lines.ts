import type { Examined } from '../approvals/examine.ts'
import { durationInWords } from '../duration.ts'
import { inGutter } from './foreign-text.ts'
import { type Line, type Span, span } from './line.ts'
import type { Edit } from './state.ts'
import { leftMs } from './time-left.ts'
import { wrapped } from './wrapped.ts'

/** Why an edit cannot be sent any more, and what to press. */
export const HOLD_OVER = 'the hold is over, so no edit can be sent: Esc shows the call as it came'

const TONES = { '+': 'good', '-': 'bad', ' ': 'quiet' } as const

/** Shows an edit as a difference: what the model wanted, and what would be sent. */
export function editLines(
  { diff, examined }: Edit,
  { entry }: Examined,
  width: number,
  now: Date,
): readonly Line[] {
  const { approval } = entry.question
  const held = entry.state === 'held' ? ` (held, ${durationInWords(leftMs(entry, now))} left)` : ''
  const head = wrapped(
    [span(`${approval} edited${held}: - is the model’s, + is what would be sent`, 'title')],
    width,
  )
  const over = entry.state === 'held' ? [] : wrapped([span(`! ${HOLD_OVER}`, 'bad')], width)
  const { offer } = examined
  const refused =
    offer.kind === 'deny-only'
      ? wrapped([span(`! it cannot be approved so: ${offer.why}`, 'bad')], width)
      : []
  return [...head, ...over, ...refused, ...diff.flatMap(({ sign, text }) => signed(sign, text, width))]
}

// The sign stands before the gutter: what is edited cannot draw one.
function signed(sign: Edit['diff'][number]['sign'], text: string, width: number): readonly Line[] {
  return inGutter(text, width - 2).map((line) => [
    span(`${sign} `, TONES[sign]),
    ...line.map((piece): Span => (piece.tone === 'plain' ? span(piece.text, TONES[sign]) : piece)),
  ])
}
