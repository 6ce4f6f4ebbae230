import type { ReplayEntries } from '../../audit/replay-entries.ts'
import { type Line, type Span, span } from '../screens/line.ts'

/**
 * Draws where in the session the cursor is, from edge to edge: `━` is behind it, `x` is a denial, `a` an approval, and what
 * stands out is the cursor.
 */
export function progressBar(
  place: number,
  entries: Pick<ReplayEntries, 'count' | 'next'>,
  width: number,
): Line {
  const spans: Span[] = []
  const cursor = columnOf(place, entries.count, width)
  for (let column = 0; column < width; column++) {
    const isOver = column < cursor || place === entries.count - 1
    const cell = cellAt(column, entries, width) ?? span(isOver ? '━' : '─', 'quiet')
    const one = column === cursor ? span(cell.text, 'chosen') : cell
    const last = spans.at(-1)
    if (last?.tone === one.tone) spans[spans.length - 1] = span(last.text + one.text, one.tone)
    else spans.push(one)
  }
  return spans
}

// The first column of an entry where it has several, the one that it shares where there are more entries than columns.
function columnOf(place: number, count: number, width: number): number {
  if (count === 0) return 0
  return count < width ? Math.ceil((place * width) / count) : Math.ceil(((place + 1) * width) / count) - 1
}

function cellAt(column: number, entries: Pick<ReplayEntries, 'count' | 'next'>, width: number): Span | null {
  const first = Math.floor((column * entries.count) / width)
  const end = Math.max(first + 1, Math.floor(((column + 1) * entries.count) / width))
  // Of an entry that has several columns, the first one has its mark.
  if (columnOf(first, entries.count, width) !== column) return null
  if ((entries.next('denial', first - 1) ?? end) < end) return span('x', 'bad')
  return (entries.next('approval', first - 1) ?? end) < end ? span('a', 'warn') : null
}
