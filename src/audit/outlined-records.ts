import { parsed } from '../parsed.ts'
import { readLines } from './log-lines.ts'
import { type LogRecord, recordAsWritten, recordIn } from './log-record.ts'
import { parsedAsWritten } from './parsed-as-written.ts'
import { isPlainJson, plainMembers } from './plain-json.ts'

/** A longer line is not parsed whole: values made of it take many times its bytes. */
const LONG_BYTES = 1024 * 1024
const LONG_VALUE_BYTES = 4096
const INTRODUCTION = Buffer.from(',"message":')
const BRACE = Buffer.from('}')

/**
 * Reads the records of a log as `readRecords` does, for a timeline: of the message in a long line no more is given than a
 * timeline tells of it, whether it is an error, and what it was asked for with the beginning of its arguments.
 */
export function* readOutlines(path: string): Generator<LogRecord | null, void, undefined> {
  for (const { bytes, end } of readLines(path)) {
    if (end === 'long') yield null
    if (end !== 'whole') continue
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    yield (line.length > LONG_BYTES ? outlineOf(line) : null) ?? recordAsWritten(line)
  }
}

// null: it has no message, or is nested too deep, or is no JSON.
function outlineOf(line: Buffer): LogRecord | null {
  const start = line.indexOf(INTRODUCTION)
  const message = line.subarray(start + INTRODUCTION.length, -1)
  if (start === -1 || line.at(-1) !== 0x7d || !isPlainJson(message)) return null
  const record = recordIn(Buffer.concat([line.subarray(0, start), BRACE]))
  return record === null ? null : { ...record, message: outlineOfMessage(message) }
}

function outlineOfMessage(message: Uint8Array): LogRecord {
  const members: [string, unknown][] = []
  for (const { name, value } of plainMembers(message)) {
    const key = String(valueOf(name))
    if (key === 'params') members.push([key, outlineOfParams(value)])
    else if (key === 'error') members.push([key, null])
  }
  return Object.fromEntries(members)
}

function outlineOfParams(params: Uint8Array): LogRecord {
  const members: [string, unknown][] = []
  for (const { name, value } of plainMembers(params)) {
    const key = String(valueOf(name))
    if (key === 'name' || key === 'uri') members.push([key, valueOf(value)])
    else if (key === 'arguments') members.push([key, outlineOfArguments(value)])
  }
  return Object.fromEntries(members)
}

function outlineOfArguments(given: Uint8Array): unknown {
  if (given.length <= LONG_VALUE_BYTES || given[0] !== 0x7b) return valueOf(given)
  const members: [string, unknown][] = []
  let bytes = 0
  for (const { name, value } of plainMembers(given)) {
    members.push([String(valueOf(name)), valueOf(value)])
    bytes += name.length + value.length
    if (bytes > LONG_VALUE_BYTES) break
  }
  return Object.fromEntries(members)
}

/** Whole characters and escapes of a text in JSON. */
const WHOLE_PART = /^(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*/

// Of a long text its beginning; of another long value only that there is more.
function valueOf(json: Uint8Array): unknown {
  if (json.length <= LONG_VALUE_BYTES) return parsedAsWritten(new TextDecoder().decode(json), 0)
  if (json[0] !== 0x22) return '…'
  const beginning = new TextDecoder().decode(json.subarray(1, LONG_VALUE_BYTES), { stream: true })
  return parsed(`"${WHOLE_PART.exec(beginning)?.[0] ?? ''}"`)
}
