import { replaceUnseen } from '../../unseen.ts'
import { type JsonLine, type Part, type Piece, prettyJson } from './pretty-json.ts'

// What is folded, and what of it stays: the beginning, where people look, and the end, where something may hide.
const LONG_LINE = { most: 600, head: 300, tail: 100 }
const MANY_LINES = { most: 24, head: 12, tail: 6 }
const MANY_MEMBERS = { most: 24, head: 12, tail: 6 }
const BLANK_LINES = 3

/**
 * Lays out a JSON text for people: strings as a parser reads them, quoted, with a new line behind each `\n`. What is long
 * is folded unless `all`, and each fold says what it left out. A member of the outermost object is never folded away.
 * Expects a text that JSON.parse accepts. What could deceive is still in it.
 */
export function shownJson(text: string, all: boolean): readonly JsonLine[] {
  return prettyJson(text, {
    string: (value) => (all ? unfolded(value) : folded(value)),
    fold: (parts, depth) => (all || depth === 0 ? parts.flat() : foldedMembers(parts, depth)),
  })
}

/** Writes a JSON text for an editor: the same value, and nothing in it that a terminal would not show. */
export function editableJson(text: string): readonly JsonLine[] {
  return prettyJson(text, {
    string: (value) => [{ text: replaceUnseen(JSON.stringify(value), escaped), folded: false }],
    fold: (parts) => parts.flat(),
  })
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** A piece, and how many lines of the text it stands for. */
interface Counted extends Piece {
  readonly lines: number
}

const PLURALS = {
  line: 'lines',
  'blank line': 'blank lines',
  character: 'characters',
  entry: 'entries',
} as const

function unfolded(value: string): readonly Piece[] {
  return quoted(linesOf(value).map(plain))
}

function folded(value: string): readonly Piece[] {
  const short = linesOf(value).flatMap(foldedLine)
  const few = foldedBlanks(short)
  if (few.length <= MANY_LINES.most) return quoted(few)
  const { head, tail } = MANY_LINES
  const left = few.slice(head, -tail).reduce((sum, { lines }) => sum + lines, 0)
  return quoted([...few.slice(0, head), notice(left, 'line'), ...few.slice(-tail)])
}

// Each line with the newline that ends it; the last one may be empty.
function linesOf(value: string): string[] {
  const lines = value.split('\n')
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line}\n`))
}

function foldedLine(line: string): readonly Counted[] {
  if (line.length <= LONG_LINE.most) return [plain(line)]
  const characters = Array.from(line)
  const { head, tail } = LONG_LINE
  const left = characters.length - head - tail
  if (left <= 0) return [plain(line)]
  const [begin, end] = [characters.slice(0, head).join(''), characters.slice(-tail).join('')]
  return [plain(begin), notice(left, 'character'), { ...plain(end), lines: 0 }]
}

function foldedBlanks(pieces: readonly Counted[]): readonly Counted[] {
  const kept: Counted[] = []
  let blank: Counted[] = []
  const settle = () => {
    kept.push(...(blank.length > BLANK_LINES ? [notice(blank.length, 'blank line')] : blank))
    blank = []
  }
  for (const piece of pieces) {
    if (isBlank(piece)) blank.push(piece)
    else {
      settle()
      kept.push(piece)
    }
  }
  settle()
  return kept
}

function isBlank(piece: Piece): boolean {
  return !piece.folded && piece.text.endsWith('\n') && /^\s*$/u.test(piece.text)
}

function quoted(pieces: readonly Piece[]): readonly Piece[] {
  const last = pieces.length - 1
  return pieces.map((piece, index) => {
    if (piece.folded) return { text: piece.text, folded: true }
    return {
      text: `${index === 0 ? '"' : ''}${inQuotes(piece.text)}${index === last ? '"' : ''}`,
      folded: false,
    }
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function inQuotes(text: string): string {
  return text.replace(/["\\\b\f\n\r\t]/gu, (character) => ESCAPES[character] ?? character)
}

function foldedMembers(parts: readonly Part[], depth: number): readonly JsonLine[] {
  if (parts.length <= MANY_MEMBERS.most) return parts.flat()
  const { head, tail } = MANY_MEMBERS
  const left = notice(parts.length - head - tail, 'entry')
  return [
    ...parts.slice(0, head).flat(),
    { depth: depth + 1, text: left.text, folded: true },
    ...parts.slice(-tail).flat(),
  ]
}

function plain(text: string): Counted {
  return { text, folded: false, lines: 1 }
}

function notice(count: number, what: keyof typeof PLURALS): Counted {
  const shown = count.toLocaleString('en')
  const text = `${shown} ${count === 1 ? what : PLURALS[what]} not shown`
  return { text, folded: true, lines: what === 'line' || what === 'blank line' ? count : 0 }
}
