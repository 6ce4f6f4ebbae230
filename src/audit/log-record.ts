import { parsed } from '../parsed.ts'
import { LineReader, readLines } from './log-lines.ts'
import { parsedAsWritten } from './parsed-as-written.ts'

/** A record as it was read from a file: its members are looked at before they are believed. */
export type LogRecord = Readonly<Record<string, unknown>>

/** Tells whether a value is an object with named members. */
export function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a member that should be text; null where it is anything else. */
export function textOf(record: LogRecord, name: string): string | null {
  const value = record[name]
  return typeof value === 'string' ? value : null
}

/** Reads a member that should be a number; null where it is anything else. */
export function numberOf(record: LogRecord, name: string): number | null {
  const value = record[name]
  return typeof value === 'number' ? value : null
}

/** Reads a member that should be an object; one without members where it is anything else. */
export function recordOf(record: LogRecord, name: string): LogRecord {
  const value = record[name]
  return isRecord(value) ? value : {}
}

/** Reads a member that should be a list of texts; what is not text is left out. */
export function textsOf(record: LogRecord, name: string): readonly string[] {
  const value: unknown = record[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/**
 * Reads the records of a log, for showing them; `verifyFile` says whether they can be believed. Half a
 * last line is left out. Any other line that is no JSON object is given as null.
 */
export function* readRecords(
  path: string,
  messages: 'with' | 'without',
): Generator<LogRecord | null, void, undefined> {
  for (const { bytes, end } of readLines(path)) {
    if (end === 'whole') yield messages === 'without' ? parseEnvelope(bytes) : recordIn(bytes)
    else if (end === 'long') yield null
  }
}

const APPROVAL = /^\{"seq":\d{1,15},"at":"[^"]{27}","kind":"approval",/
const BEGINNING_BYTES = 100

/** Reads the approval records of a log that was verified: there every line begins as the log writes it, and few are parsed. */
export function* readApprovals(path: string): Generator<LogRecord, void, undefined> {
  for (const { bytes } of readLines(path)) {
    const beginning = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, BEGINNING_BYTES))
    const record = APPROVAL.test(beginning.toString('latin1')) ? recordIn(bytes) : null
    if (record !== null) yield record
  }
}

/** A record without its message, the message's text as it stands in the log, with all its digits, and the line's length. */
export interface TextRecord {
  readonly record: LogRecord
  readonly message: string | null
  readonly bytes: number
}

/** Reads records as `readRecords` does, with the text of each message in place of its value. */
export function* readTexts(path: string): Generator<TextRecord | null, void, undefined> {
  for (const { bytes, end } of readLines(path)) {
    if (end === 'whole') yield textRecord(bytes)
    else if (end === 'long') yield null
  }
}

function textRecord(bytes: Uint8Array): TextRecord | null {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const start = line.indexOf(MESSAGE)
  const record = recordIn(start === -1 ? line : Buffer.from(`${line.toString('utf8', 0, start)}}`))
  if (record === null) return null
  const message = start === -1 ? null : line.toString('utf8', start + MESSAGE.length, line.length - 1)
  return { record, message, bytes: bytes.length }
}

/**
 * Reads the records of a log that may still be written: to its footer, or until `more` says that nobody waits. It is asked
 * each time that all of the file was given. Throws what the file system throws.
 */
export async function* followRecords(
  path: string,
  more: () => Promise<boolean>,
): AsyncGenerator<LogRecord | null, void, undefined> {
  const reader = new LineReader(path)
  let ended = false
  try {
    do {
      for (const { bytes, end } of reader.whole()) {
        const record = end === 'whole' ? recordAsWritten(bytes) : null
        ended ||= end === 'long' || (record !== null && textOf(record, 'kind') === 'footer')
        yield record
      }
    } while (!ended && (await more()))
  } finally {
    reader.close()
  }
}

// A quote within a JSON string is escaped, so this can only be a member's name; one further in leaves no
// valid JSON.
const MESSAGE_NAME = ',"message":'
const MESSAGE = Buffer.from(MESSAGE_NAME)

function parseEnvelope(bytes: Uint8Array): LogRecord | null {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const start = line.indexOf(MESSAGE)
  return (
    (start === -1 ? null : recordIn(Buffer.from(`${line.toString('utf8', 0, start)}}`))) ?? recordIn(line)
  )
}

/** Reads the record that a line is; null: it is no JSON object. */
export function recordIn(line: Uint8Array): LogRecord | null {
  const value = parsed(textOfLine(line))
  return isRecord(value) ? value : null
}

/** Reads a record as `recordIn` does, for showing it: JSON.stringify writes the numbers of its message as they came. */
export function recordAsWritten(line: Uint8Array): LogRecord | null {
  const text = textOfLine(line)
  const value = parsedAsWritten(text, text.indexOf(MESSAGE_NAME))
  return isRecord(value) ? value : null
}

function textOfLine(line: Uint8Array): string {
  return Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')
}
