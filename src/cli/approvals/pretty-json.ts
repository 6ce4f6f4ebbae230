import { elements, endOfValue, members, skipSpace } from '../../json-spans.ts'

/** A piece of a laid out text: `folded` says in our words what was left out there. */
export interface Piece {
  readonly text: string
  readonly folded: boolean
}

/** A line of a JSON text that was laid out anew, and how deep it is indented. */
export interface JsonLine extends Piece {
  readonly depth: number
}

/** How strings are written, and what is left out of long lists. */
export interface Style {
  /** Writes a string, quotes included, over one line or more; it gets the string as a parser reads it. */
  readonly string: (value: string) => readonly Piece[]
  /** Chooses what is shown inside of a list or object: it gets the lines of each member. */
  readonly fold: (parts: readonly Part[], depth: number) => readonly JsonLine[]
}

/** The lines of one member. */
export type Part = readonly JsonLine[]

/**
 * Lays out a JSON text over lines: keys in their order, numbers as they were written, because a parser would round the
 * big ones. Expects a text that JSON.parse accepts.
 */
export function prettyJson(text: string, style: Style): readonly JsonLine[] {
  return value(text, skipSpace(text, 0), 0, style)
}

/** Joins laid out lines to a text, two spaces for each level. */
export function joined(lines: readonly JsonLine[]): string {
  return lines.map(({ depth, text }) => `${'  '.repeat(depth)}${text}\n`).join('')
}

function value(text: string, at: number, depth: number, style: Style): Part {
  const first = text[at]
  if (first === '{') {
    const parts = members(text, at).map(({ key, value: { start } }) => {
      const name = style.string(key).map((piece) => piece.text)
      return keyed(name.join(''), value(text, start, depth + 1, style))
    })
    return wrapped(['{', '}'], parts, depth, style)
  }
  if (first === '[') {
    const parts = elements(text, at).map(({ start }) => value(text, start, depth + 1, style))
    return wrapped(['[', ']'], parts, depth, style)
  }
  const source = text.slice(at, endOfValue(text, at))
  if (first !== '"') return [{ depth, text: source, folded: false }]
  const pieces = style.string(String(JSON.parse(source)))
  return pieces.map((piece, index) => ({ depth: index === 0 ? depth : depth + 1, ...piece }))
}

function keyed(key: string, [first, ...rest]: Part): Part {
  return first === undefined ? [] : [{ ...first, text: `${key}: ${first.text}` }, ...rest]
}

function wrapped(
  [open, close]: readonly [string, string],
  parts: readonly Part[],
  depth: number,
  { fold }: Style,
): Part {
  if (parts.length === 0) return [{ depth, text: `${open}${close}`, folded: false }]
  const inside = parts.map((part, index) => (index === parts.length - 1 ? part : withComma(part)))
  const bracket = (text: string) => ({ depth, text, folded: false })
  return [bracket(open), ...fold(inside, depth), bracket(close)]
}

function withComma(part: Part): Part {
  return part.map((line, index) => (index === part.length - 1 ? { ...line, text: `${line.text},` } : line))
}
