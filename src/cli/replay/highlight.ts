import { type Line, type Span, span } from '../screens/line.ts'

/** Makes what was looked for stand out, in whatever case it is written. */
export function highlighted(line: Line, wanted: string): Line {
  const lower = wanted.toLowerCase()
  return lower === '' ? line : line.flatMap((piece) => parts(piece, lower))
}

function parts(piece: Span, lower: string): readonly Span[] {
  const text = piece.text.toLowerCase()
  // A few letters are longer in lower case: then the places do not fit.
  if (piece.tone === 'mark' || piece.tone === 'chosen' || text.length !== piece.text.length) return [piece]
  const spans: Span[] = []
  let from = 0
  for (let at = text.indexOf(lower); at !== -1; at = text.indexOf(lower, from)) {
    spans.push(
      span(piece.text.slice(from, at), piece.tone),
      span(piece.text.slice(at, at + lower.length), 'chosen'),
    )
    from = at + lower.length
  }
  return [...spans, span(piece.text.slice(from), piece.tone)].filter((one) => one.text !== '')
}
