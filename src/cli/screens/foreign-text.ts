import { lookAlikes } from '../../look-alike.ts'
import { unseenAt } from '../../unseen.ts'
import { type Line, type Span, span } from './line.ts'
import { columnsOf, fit } from './width.ts'

/** What every line of text that is not ours begins with. The text itself has no character of frames. */
export const GUTTER = '│ '
/** What the rest of a line begins with that was too long for the screen. */
export const CONTINUED = '┆ '
/** What our own words within such text begin with. */
export const ASIDE = '⋮ '

// Box drawing, blocks and their kin: what our own frame is made of, or what could pass for it.
const FRAMES = /[\u22ee\u2500-\u25a1\u25aa-\u25ab\u2e3d\ua9f8\uffe8\uffed\u{1fb00}-\u{1fbff}]/gu

/**
 * Makes text that is not ours fit to be seen: what a terminal would not draw, what looks like something else and what
 * frames are made of is written as its code (`\u{202e}`), and stands out: each such piece is a code, and a code only.
 */
export function foreign(text: string): Line {
  const spans: Span[] = []
  let from = 0
  for (const at of deceptive(text)) {
    if (at > from) spans.push(span(text.slice(from, at)))
    const code = text.codePointAt(at) ?? 0
    spans.push(span(`\\u{${code.toString(16)}}`, 'mark'))
    from = at + (code > 0xffff ? 2 : 1)
  }
  return from < text.length ? [...spans, span(text.slice(from))] : spans
}

/** Gives such text as a piece of a line of ours, cut to some columns. */
export function foreignText(text: string): string {
  return foreign(text)
    .map((one) => one.text)
    .join('')
}

/** Lays out such text in a gutter, so that nothing of it stands where our own words stand. */
export function inGutter(text: string, width: number, indent = 0): Line[] {
  const room = Math.max(8, width - GUTTER.length)
  const margin = Math.min(indent, Math.floor(room / 2))
  const rows: Span[][] = [[span(GUTTER, 'quiet'), span(' '.repeat(margin))]]
  let used = margin
  for (const { text: piece, tone } of foreign(text)) {
    for (const token of tone === 'mark' ? [piece] : piece) {
      const columns = tone === 'mark' ? piece.length : columnsOf(token)
      if (used + columns > room) {
        rows.push([span(CONTINUED, 'quiet'), span(' '.repeat(margin))])
        used = margin
      }
      append(rows.at(-1) ?? [], token, tone)
      used += columns
    }
  }
  return rows
}

/** Makes a line of our own words within such text. */
export function aside(text: string, width: number, indent = 0): Line {
  const margin = Math.min(indent, Math.floor(Math.max(8, width - ASIDE.length) / 2))
  return [
    span(`${ASIDE}${' '.repeat(margin)}`, 'quiet'),
    span(fit(text, Math.max(8, width - ASIDE.length) - margin), 'warn'),
  ]
}

function append(row: Span[], text: string, tone: Span['tone']): void {
  const last = row.at(-1)
  if (last?.tone === tone && row.length > 2) row[row.length - 1] = span(last.text + text, tone)
  else row.push(span(text, tone))
}

function deceptive(text: string): readonly number[] {
  if (/^[\u0020-\u007e]*$/u.test(text)) return []
  const frames = Array.from(text.matchAll(FRAMES), ({ index }) => index)
  const alike = lookAlikes(text).map(({ at }) => at)
  const found = new Set([...frames, ...alike, ...unseenAt(text), ...strayAccents(text)])
  return [...found].toSorted((a, b) => a - b)
}

// An accent is drawn over what stands before it: two over a letter are what languages need.
function strayAccents(text: string): number[] {
  const runs = text.matchAll(/(?<letter>\p{L})?(?<accents>\p{M}+)/gu)
  return Array.from(runs, ({ index, groups }) => {
    const { letter = '', accents = '' } = groups ?? {}
    let at = index + letter.length
    const stray: number[] = []
    for (const [place, accent] of Array.from(accents).entries()) {
      const isDrawn = /\p{Mc}/u.test(accent) || (letter !== '' && place < 2 && /\p{Mn}/u.test(accent))
      if (!isDrawn) stray.push(at)
      at += accent.length
    }
    return stray
  }).flat()
}
