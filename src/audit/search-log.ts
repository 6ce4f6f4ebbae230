import { valueAt } from '../json-spans.ts'
import { parsed } from '../parsed.ts'
import { readLines } from './log-lines.ts'
import { isRecord, type LogRecord, textOf } from './log-record.ts'

/** What came of looking for a text: where it was not found, whether all messages could be searched. */
export type Searched = 'found' | 'not found' | 'not in what is recorded'

/**
 * Looks for a text in a session's log, whatever its case: in what was asked and answered, as it stands there or without the
 * escapes of JSON, and in what the records say of it. Digests, keys, signatures and the like are found by their
 * beginning, from twelve characters on: fewer are in every log. What was recorded in part or by its digest is not there to be
 * found, and neither is what is in a file that cannot be read.
 */
export function searchLog(path: string, wanted: string): Searched {
  const lower = wanted.toLowerCase()
  let isPartial = false
  try {
    for (const { bytes } of readLines(path)) {
      const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
      if (mayHold(line, lower) && lineHolds(line, lower)) return 'found'
      isPartial ||= isWithoutMessage(line)
    }
  } catch {
    // a session that cannot be read is broken, and lists say so
  }
  return isPartial ? 'not in what is recorded' : 'not found'
}

/** Tells whether a JSON text holds a text in lower case: as it stands, or in a string of it without its escapes. */
export function jsonHolds(json: string, lower: string): boolean {
  return json.toLowerCase().includes(lower) || (json.includes('\\') && isIn(parsed(json), lower))
}

const MESSAGE = ',"message":'
const BASE64_HEAD = '"kind":"refused"'
const OF_MESSAGE = /^\{"seq":\d{1,15},"at":"[^"]{27}","kind":"(?:request|response|notification)",/u
const DIGEST_AT_END = /"bytes":\d{1,15},"sha256":"[0-9a-f]{64}"(?:,"head":".*")?\}$/u

function isWithoutMessage(line: string): boolean {
  return OF_MESSAGE.test(line) && !line.includes(MESSAGE) && DIGEST_AT_END.test(line)
}

// Of a hundred thousand lines few are looked at more closely.
function mayHold(line: string, lower: string): boolean {
  return line.toLowerCase().includes(lower) || line.includes('\\') || line.includes(BASE64_HEAD)
}

function lineHolds(line: string, lower: string): boolean {
  const start = line.indexOf(MESSAGE)
  const envelope = parsed(start === -1 ? line : `${line.slice(0, start)}}`)
  if (!isRecord(envelope)) return jsonHolds(line, lower)
  if (envelopeHolds(envelope, lower)) return true
  return start !== -1 && messageHolds(line.slice(start + MESSAGE.length, -1), lower)
}

const PARTS = ['params', 'result', 'error']

// `jsonrpc`, `id` and the names of these members are in every message. What is no such message is searched whole.
function messageHolds(json: string, lower: string): boolean {
  const message = parsed(json)
  const parts = isRecord(message) ? PARTS.filter((part) => part in message) : []
  if (parts.length === 0) return jsonHolds(json, lower)
  return parts.some((part) => {
    const span = valueAt(json, [part])
    return span !== undefined && jsonHolds(json.slice(span.start, span.end), lower)
  })
}

// What chains, signs and sorts the records: it says nothing of what was done, and some of it is in every line.
const NOISE = new Set(
  'seq at kind from prev format previous device signature sha256 digest call challenge definition random idToken jwk etag key header'.split(
    ' ',
  ),
)
const PASTED_CHARACTERS = 12

// Whatever names and numbers they have, others chose them.
const CONTENT = new Set(['facts', 'answers'])
const JSON_TEXTS = new Set(['params', 'arguments'])

interface Part {
  readonly name: string
  readonly value: unknown
  readonly isContent: boolean
}

// Not by recursion: somebody else may have written a log that is nested as deep as it likes.
function envelopeHolds(envelope: LogRecord, lower: string): boolean {
  const isRefused = textOf(envelope, 'kind') === 'refused'
  const left: Part[] = [{ name: '', value: envelope, isContent: false }]
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const { value } = part
    if (typeof value === 'object' && value !== null) for (const each of partsOf(part, value)) left.push(each)
    else if (isRefused && part.name === 'head') {
      if (Buffer.from(String(value), 'base64').toString('utf8').toLowerCase().includes(lower)) return true
    } else if (valueHolds(part, lower)) return true
  }
  return false
}

function partsOf({ name, isContent }: Part, value: object): readonly Part[] {
  const members = Object.entries(value).map(([key, each]: [string, unknown]): Part => {
    const under = Array.isArray(value) || name === 'jwk' ? name : key
    return { name: under, value: each, isContent: isContent || CONTENT.has(under) }
  })
  // Of an array the keys are its indexes, which are in every log.
  if (!isContent || Array.isArray(value)) return members
  return [...members, ...Object.keys(value).map((key) => ({ name: '', value: key, isContent }))]
}

function valueHolds({ name, value, isContent }: Part, lower: string): boolean {
  if (typeof value !== 'string') return isContent && String(value).includes(lower)
  if (isContent) return value.toLowerCase().includes(lower)
  if (NOISE.has(name)) return lower.length >= PASTED_CHARACTERS && value.toLowerCase().startsWith(lower)
  return JSON_TEXTS.has(name) ? jsonHolds(value, lower) : value.toLowerCase().includes(lower)
}

function isIn(json: unknown, lower: string): boolean {
  const left: unknown[] = [json]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && value.toLowerCase().includes(lower)) return true
    if (isRecord(value)) for (const name of Object.keys(value)) left.push(name)
    if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) left.push(member)
  }
  return false
}
