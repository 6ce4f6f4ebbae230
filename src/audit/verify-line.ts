import { hash } from 'node:crypto'
import { parsed } from '../parsed.ts'
import { visible } from '../visible.ts'
import { duplicateKey } from './duplicate-key.ts'
import { isRecord, type LogRecord, numberOf, textOf } from './log-record.ts'
import { checkCommonLine } from './verify-common-line.ts'

/** A line that is a record in the settled form. Whether it stands in its place is not known yet. */
export interface CheckedLine {
  readonly seq: number
  readonly at: string
  readonly kind: string
  readonly prev: string
  /** All members but `message`; of a request or an answer, of which no more is looked at, perhaps none. */
  readonly record: LogRecord
  /** The line before its last member, when that is `signature`. */
  readonly signedText: string
}

type Checked =
  | { readonly ok: true; readonly line: CheckedLine }
  | { readonly ok: false; readonly why: string }

const KINDS = new Set(
  'header context request response notification refused approval decision checkpoint footer'.split(' '),
)
const AT = /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/
const DIGEST = /^[0-9a-f]{64}$/
const INTRODUCTION = ',"message":'

/** Checks one line by itself: its form, and that its message is the one that its digest is of. */
export function checkLine(bytes: Uint8Array): Checked {
  const common = checkCommonLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  return common === null ? checkAnyLine(bytes) : { ok: true, line: common }
}

function checkAnyLine(bytes: Uint8Array): Checked {
  const text = decode(bytes)
  if (text === null) return { ok: false, why: 'is not UTF-8' }
  const split = splitQuickly(text, bytes) ?? splitWhole(text, bytes)
  if (typeof split === 'string') return { ok: false, why: split }
  const { envelope, record, message } = split
  const why = formProblem(envelope, record) ?? messageProblem(message, record)
  return why === null ? place(envelope, record) : { ok: false, why }
}

/** Tells whether a value is the SHA-256 of something, as the log writes it. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function parseObject(text: string): LogRecord | null {
  const value = parsed(text)
  return isRecord(value) ? value : null
}

/** A line's text without its message, what that says, and the message's bytes. */
interface Split {
  readonly envelope: string
  readonly record: LogRecord
  readonly message: Uint8Array | null
}

// Nearly every line with a message: what stands before the first introduction is an object, and what follows is a value
// that is as long as it says. So each part is parsed once. null: look again, from the line as a whole.
function splitQuickly(text: string, bytes: Uint8Array): Split | null {
  const start = text.indexOf(INTRODUCTION)
  if (start === -1 || !text.endsWith('}')) return null
  const envelope = `${text.slice(0, start)}}`
  const record = parseObject(envelope)
  if (record === null || Object.hasOwn(record, 'message')) return null
  const length = numberOf(record, 'bytes') ?? -1
  if (length < 0 || Buffer.byteLength(envelope) + INTRODUCTION.length + length !== bytes.length) return null
  if (parsed(text.slice(start + INTRODUCTION.length, -1)) === undefined) return null
  return { envelope, record, message: bytes.subarray(bytes.length - 1 - length, -1) }
}

// `message` is the last `bytes` bytes before the final brace. It is cut off by that count, not by looking for
// its name, which may stand in many other places.
function splitWhole(text: string, bytes: Uint8Array): Split | string {
  const whole = parseObject(text)
  if (whole === null) return 'is not one JSON object'
  if (!Object.hasOwn(whole, 'message')) return { envelope: text, record: whole, message: null }
  if (Object.keys(whole).at(-1) !== 'message') return 'does not have `message` as its last member'
  const length = numberOf(whole, 'bytes')
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const start = line.length - 1 - (length ?? Number.NaN)
  const before = start - INTRODUCTION.length
  if (!Number.isInteger(start) || before < 0 || line.toString('latin1', before, start) !== INTRODUCTION) {
    return 'has a message that is not as long as `bytes` says'
  }
  const message = line.subarray(start, -1)
  const envelope = `${line.toString('utf8', 0, before)}}`
  const record = parseObject(envelope)
  // Behind a first value there may be more members, `decision` a second time: some readers take those.
  const isValue = record !== null && parsed(message.toString('utf8')) !== undefined
  return isValue ? { envelope, record, message } : 'has a message that is not what its last bytes are'
}

// One value has one form: that of ECMAScript's JSON.stringify. Whatever else reads the same is not what was
// written.
function formProblem(envelope: string, record: LogRecord): string | null {
  const form = jsonOf(record)
  if (form === null) return 'is nested deeper than any that hoopctl writes'
  if (form === envelope) return null
  const key = duplicateKey(envelope)
  return key === null
    ? 'is not written in the form of the log (spaces, escapes, forms of numbers)'
    : `has the key \`${visible(key)}\` twice`
}

// Writing goes as deep as the stack, reading does not: so a line can be read that cannot be written.
function jsonOf(record: LogRecord): string | null {
  try {
    return JSON.stringify(record)
  } catch {
    return null
  }
}

function messageProblem(message: Uint8Array | null, record: LogRecord): string | null {
  const described = Object.hasOwn(record, 'bytes') || Object.hasOwn(record, 'sha256')
  if (!described)
    return message === null && !Object.hasOwn(record, 'head') ? null : 'has a message without its digest'
  const length = numberOf(record, 'bytes')
  if (length === null || !Number.isSafeInteger(length) || length < 0 || !isDigest(record['sha256'])) {
    return 'has no valid `bytes` and `sha256`'
  }
  if (message === null || hash('sha256', message) === record['sha256']) return null
  return 'has a message that does not match its `sha256`'
}

function place(envelope: string, record: LogRecord): Checked {
  const [first, second, third, fourth] = Object.keys(record)
  const inOrder = first === 'seq' && second === 'at' && third === 'kind' && fourth === 'prev'
  const seq = numberOf(record, 'seq')
  const at = textOf(record, 'at')
  const kind = textOf(record, 'kind')
  const prev = record['prev']
  if (!inOrder || seq === null || !Number.isSafeInteger(seq) || seq < 0 || at === null || !AT.test(at)) {
    return { ok: false, why: 'does not begin with `seq`, `at`, `kind` and `prev`' }
  }
  if (kind === null || !KINDS.has(kind))
    return { ok: false, why: 'is of a kind that the format does not have' }
  if (!isDigest(prev)) return { ok: false, why: 'has no valid `prev`' }
  const end = envelope.lastIndexOf(',"signature":')
  return {
    ok: true,
    line: { seq, at, kind, prev, record, signedText: end === -1 ? '' : envelope.slice(0, end) },
  }
}
