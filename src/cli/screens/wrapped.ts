import { type Line, type Span, span } from './line.ts'
import { columnsOf, widthOf } from './width.ts'

/** Breaks a line of our own words between words, or inside of a word that is longer than the screen. */
export function wrapped(line: Line, width: number): readonly Line[] {
  const rows: Span[][] = [[]]
  let used = 0
  const put = (text: string, tone: Span['tone']) => {
    rows.at(-1)?.push(span(text, tone))
    used += widthOf(text)
  }
  for (const { text, tone } of line) {
    for (const word of text.split(/(?<= )/u).flatMap((one) => cut(one, width))) {
      if (used > 0 && used + widthOf(word.trimEnd()) > width) {
        rows.push([])
        used = 0
      }
      put(word, tone)
    }
  }
  return rows.map((row) => trimmed(row, width))
}

// A space that stands in the last column but one would push the line over the edge.
function trimmed(row: readonly Span[], width: number): Line {
  const over = row.reduce((sum, { text }) => sum + widthOf(text), 0) > width
  return over
    ? row.map((one, index) => (index === row.length - 1 ? span(one.text.trimEnd(), one.tone) : one))
    : row
}

function cut(word: string, width: number): string[] {
  if (widthOf(word.trimEnd()) <= width) return [word]
  const parts = ['']
  let used = 0
  for (const character of word) {
    used += columnsOf(character)
    if (used > width) {
      parts.push('')
      used = columnsOf(character)
    }
    parts[parts.length - 1] += character
  }
  return parts
}
