import { counted } from '../counted.ts'
import { type Line, span, type Tone } from './line.ts'
import { fit, widthOf } from './width.ts'

/** Draws a line across the screen. */
export function rule(width: number): Line {
  return [span('─'.repeat(width), 'quiet')]
}

/** Draws such a line with words in it. */
export function ruleWith(text: string, tone: Tone, width: number): Line {
  const words = fit(` ${text} `, width - 4)
  return [
    span('──', 'quiet'),
    span(words, tone),
    span('─'.repeat(Math.max(0, width - 2 - widthOf(words))), 'quiet'),
  ]
}

/**
 * Counts what is not on the screen, so that nobody takes the part for the whole, and names the keys that go there. A piece
 * of the frame, not a line of the text.
 */
export function moreLine(above: number, below: number, width: number, keys: string): Line {
  const parts = [above > 0 ? `${above} above` : '', below > 0 ? `${counted(below, 'line')} below` : '']
  const text = parts.filter((part) => part !== '').join(', ')
  return text === '' ? rule(width) : ruleWith(`${text} (${keys})`, below > 0 ? 'warn' : 'quiet', width)
}

/** Lays out words that belong together, two spaces apart, over as many lines as they need. */
export function packed(words: readonly string[], width: number): readonly Line[] {
  const rows: string[] = []
  for (const word of words) {
    const row = rows.at(-1)
    if (row !== undefined && row.length + 2 + word.length <= width) rows[rows.length - 1] = `${row}  ${word}`
    else rows.push(word)
  }
  return rows.map((row) => [span(fit(row, width))])
}
