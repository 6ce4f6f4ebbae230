import { inGutter } from './foreign-text.ts'
import { type Line, type Span, span } from './line.ts'
import type { Edit } from './state.ts'
import { wrapped } from './wrapped.ts'

const TONES = { '+': 'good', '-': 'bad', ' ': 'quiet' } as const

/** Shows an edit as a difference: what the model wanted, and what would be sent. */
export function editLines({ diff, examined }: Edit, width: number): readonly Line[] {
  const { approval } = examined.entry.question
  const head = wrapped(
    [span(`${approval} edited: - is the model’s, + is what would be sent`, 'title')],
    width,
  )
  const { offer } = examined
  const refused =
    offer.kind === 'deny-only'
      ? wrapped([span(`! it cannot be approved so: ${offer.why}`, 'bad')], width)
      : []
  return [...head, ...refused, ...diff.flatMap(({ sign, text }) => signed(sign, text, width))]
}

// The sign stands before the gutter: what is edited cannot draw one.
function signed(sign: Edit['diff'][number]['sign'], text: string, width: number): readonly Line[] {
  return inGutter(text, width - 2).map((line) => [
    span(`${sign} `, TONES[sign]),
    ...line.map((piece): Span => (piece.tone === 'plain' ? span(piece.text, TONES[sign]) : piece)),
  ])
}
