import { durationInWords } from '../duration.ts'
import { aside } from '../screens/foreign-text.ts'
import type { Line } from '../screens/line.ts'
import { entryLines } from './entry-lines.ts'
import type { Replayed } from './state.ts'

/** A gap that is worth a line of its own. */
const NOTED_GAP_MS = 60_000

/** Lays out what had happened by the entry at a place: that one is the last, and as many stand above it as there is room. */
export function timelineLines(
  place: number,
  replayed: Replayed,
  width: number,
  rows: number,
): readonly Line[] {
  if (replayed.entries.count === 0) return []
  const own = entryLines(replayed.recorded.told(place), width, true)
  if (own.length > rows)
    return [...own.slice(0, rows - 1), aside('it goes on: Return shows all of it', width)]
  const lines = [...own]
  for (let at = place - 1; at >= 0 && lines.length < rows; at--) {
    lines.unshift(...entryLines(replayed.recorded.told(at), width, false), ...gapLines(at, replayed, width))
  }
  return lines.slice(-rows)
}

function gapLines(place: number, { entries }: Replayed, width: number): readonly Line[] {
  const ms = entries.at(place + 1) - entries.at(place)
  return ms >= NOTED_GAP_MS ? [[...aside(`  ${durationInWords(ms)} later`, width)]] : []
}
