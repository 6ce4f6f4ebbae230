import { contextLines } from '../../audit/timeline-context.ts'
import { duplicateKey } from '../../audit/duplicate-key.ts'
import { isRecord, textOf } from '../../audit/log-record.ts'
import { endOfString, valueAt } from '../../json-spans.ts'
import { parsed } from '../../parsed.ts'
import { shownJson } from '../approvals/shown-json.ts'
import { aside, inGutter } from '../screens/foreign-text.ts'
import { type Line, span } from '../screens/line.ts'
import { wrapped } from '../screens/wrapped.ts'
import { entryLines } from './entry-lines.ts'
import type { Replayed } from './state.ts'

/** What the details depend on besides the entry. */
export interface Sight {
  readonly width: number
  /** Are the records shown whole? */
  readonly all: boolean
}

const INDENT = 2
// Above this, laying out a text would hold up the screen for many seconds.
const MOST_CHARACTERS = 4 * 1024 * 1024
const MOST_LEVELS = 100
// Of a text that is no JSON, where not all is shown.
const FEW_CHARACTERS = 2000

/**
 * Lays out all that is known of the entry at a place: what the log tells of its exchange, the exact arguments and the
 * result, facts, and who it was. Whole records, as they stand in the log, if `all` is wanted.
 */
export function detailLines(place: number, replayed: Replayed, sight: Sight): readonly Line[] {
  const { entries, recorded } = replayed
  const places = entries.exchangeOf(place)
  const told = places.flatMap((one) => entryLines(recorded.told(one), sight.width, one === place))
  if (sight.all) {
    const whole = places.flatMap((one) =>
      section(`Record ${entries.record(one)}, as it stands in the log`, recorded.text(one), sight),
    )
    return [...told, ...whole]
  }
  const contents = places.flatMap((one) => contentLines(recorded.text(one), sight))
  return [...told, ...contents, ...whoLines(place, replayed, sight.width)]
}

function whoLines(place: number, { recorded }: Replayed, width: number): readonly Line[] {
  const told = contextLines({ cause: 'start', ...recorded.contextAt(place) })
  return told.length === 0
    ? []
    : [...heading('Who, and under what', width), ...entryLines(told, width, false)]
}

const PARTS = [
  ['Arguments', ['message', 'params', 'arguments']],
  ['Result', ['message', 'result']],
  ['Error', ['message', 'error']],
  ['Facts', ['facts']],
  ['What the message asks, without what a person typed', ['params']],
] as const

function contentLines(text: string, sight: Sight): readonly Line[] {
  const record = parsed(text)
  if (!isRecord(record)) return section('The line', text, sight)
  // Of a key that stands twice, nobody knows which one counts: then all is shown.
  if (duplicateKey(text) !== null) return section('The record, in which a key stands twice', text, sight)
  const kind = textOf(record, 'kind')
  if (kind === 'context' || kind === 'header' || kind === 'footer') return []
  const lines = PARTS.flatMap(([name, path]) => {
    const at = valueAt(text, path)
    return at === undefined ? [] : section(name, text.slice(at.start, at.end), sight)
  })
  const head = textOf(record, 'head')
  if (head !== null) return [...lines, ...headLines(head, kind, sight)]
  const isWithout = 'bytes' in record && !('message' in record)
  return isWithout
    ? [...lines, ...note('Of the message, only its size and digest are recorded.', sight)]
    : lines
}

// Of a line that was refused it is in base64: it may be no text.
function headLines(head: string, kind: string | null, sight: Sight): readonly Line[] {
  const text = kind === 'refused' ? Buffer.from(head, 'base64').toString('utf8') : head
  return [
    ...heading('The first part of the message; the rest is not recorded', sight.width),
    ...below(rawLines(text, inside(sight))),
  ]
}

function section(name: string, json: string, sight: Sight): readonly Line[] {
  return [...heading(name, sight.width), ...below(jsonLines(json, inside(sight)))]
}

// What is not ours stands in as far as the lines of the timeline do.
const MARGIN = 2

function inside(sight: Sight): Sight {
  return { ...sight, width: sight.width - MARGIN }
}

function below(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => [span(' '.repeat(MARGIN)), ...line])
}

function jsonLines(json: string, sight: Sight): readonly Line[] {
  const { width, all } = sight
  const isText = json.length > MOST_CHARACTERS || isDeep(json) || parsed(json) === undefined
  if (isText) return rawLines(json, sight)
  return shownJson(json, all).flatMap(({ text, depth, folded }) =>
    folded ? [aside(`${text}: v shows all`, width, depth * INDENT)] : inGutter(text, width, depth * INDENT),
  )
}

// Each level is looked over once more for each that it lies in, so this takes as long as somebody else likes.
function isDeep(json: string): boolean {
  let depth = 0
  for (let at = 0; at < json.length && depth <= MOST_LEVELS; at++) {
    const character = json.charAt(at)
    if (character === '"') at = Math.max(at, endOfString(json, at) - 1)
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
  }
  return depth > MOST_LEVELS
}

function rawLines(text: string, { width, all }: Sight): readonly Line[] {
  const most = all ? MOST_CHARACTERS : FEW_CHARACTERS
  const lines = inGutter(text.slice(0, most), width)
  const left = text.length - most
  if (left <= 0) return lines
  const where = all ? 'they are in the log' : 'v shows more'
  return [...lines, aside(`${left.toLocaleString('en')} characters not shown: ${where}`, width)]
}

function note(text: string, { width }: Sight): readonly Line[] {
  return wrapped([span(text, 'quiet')], width)
}

function heading(text: string, width: number): readonly Line[] {
  return wrapped([span(text, 'title')], width)
}
