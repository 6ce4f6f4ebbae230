import type { TimelineLine } from '../../audit/timeline-line.ts'
import { CONTINUED, foreignText, GUTTER, inGutter } from '../screens/foreign-text.ts'
import { type Line, type Span, span } from '../screens/line.ts'
import { widthOf } from '../screens/width.ts'

const MARKER = 2

/** Lays out what the timeline tells of an entry. Nothing of it stands outside of the gutter: most of it is not ours. */
export function entryLines(told: readonly TimelineLine[], width: number, isChosen: boolean): readonly Line[] {
  return told.flatMap((line, index) => toldLines(line, width, isChosen && index === 0))
}

function toldLines({ text, tone, record }: TimelineLine, width: number, isChosen: boolean): readonly Line[] {
  const words = text.trimStart()
  // What stands below its entry's title does so on a narrow terminal too, but not by half of its width.
  const indent = width < 60 ? Math.min(2, text.length - words.length) : text.length - words.length
  const shown = isChosen ? 'chosen' : tone
  const room = width - MARKER - GUTTER.length - indent
  const rows = betweenWords(words, room).flatMap((part, index) =>
    inGutter(part, width - MARKER, indent).map((line) => (index === 0 ? line : continued(line))),
  )
  const lines = rows.map(
    (line, row): Line => [
      span(isChosen && row === 0 ? '> ' : '  ', 'title'),
      ...line.map((piece): Span => (piece.tone === 'plain' ? span(piece.text, shown) : piece)),
    ],
  )
  return record === undefined ? lines : withRecord(lines, record, width)
}

// Ours, and so at the right, apart from what stands in the gutter. Where there is no room, the line at the top says it.
function withRecord(lines: readonly Line[], record: string, width: number): readonly Line[] {
  const roomOf = (line: Line) =>
    width - record.length - line.reduce((sum, { text }) => sum + widthOf(text), 0)
  const row = lines.findIndex((line) => roomOf(line) >= 2)
  const line = lines[row]
  if (line === undefined) return lines
  return lines.with(row, [...line, span(`${' '.repeat(roomOf(line))}${record}`, 'quiet')])
}

// Words and times are read more easily whole. One that is longer than the screen is broken where the screen ends.
function betweenWords(text: string, room: number): readonly string[] {
  const rows = ['']
  let used = 0
  for (const word of text.split(/(?<= )/u)) {
    const columns = widthOf(foreignText(word.trimEnd()))
    if (used > 0 && used + columns > room) {
      rows.push('')
      used = 0
    }
    rows[rows.length - 1] += word
    used += widthOf(foreignText(word))
    if (columns > room) used %= room
  }
  return rows.map((row) => row.trimEnd())
}

function continued([, ...rest]: Line): Line {
  return [span(CONTINUED, 'quiet'), ...rest]
}
