import { areHex, BACKSLASH, ESCAPED, isDigit, plainEnd, QUOTE, table } from '../json-bytes.ts'

/** How deep values may be within each other. */
const DEEPEST = 64
const NOWHERE = -1

/**
 * Tells whether bytes in UTF-8 are surely one JSON value, by a look at each byte: nothing is made of it. false: they are
 * none, or one that is nested deeper than messages are, of which JSON.parse knows more.
 */
export function isPlainJson(bytes: Uint8Array): boolean {
  const end = endOfValue(bytes, afterSpace(bytes, 0), DEEPEST)
  return end !== NOWHERE && afterSpace(bytes, end) === bytes.length
}

/** A member of an object in a JSON text: where its name is, with its quotes, and where its value is. */
export interface PlainMember {
  readonly name: Uint8Array
  readonly value: Uint8Array
}

/** Gives the members of a JSON text that is one object, as they stand there; none, or not all, where `isPlainJson` does not hold. */
export function* plainMembers(bytes: Uint8Array): Generator<PlainMember, void, undefined> {
  let at = afterSpace(bytes, 0)
  if (bytes[at] !== 0x7b) return
  do {
    const name = afterSpace(bytes, at + 1)
    const nameEnd = bytes[name] === QUOTE ? endOfText(bytes, name + 1) : NOWHERE
    const colon = afterSpace(bytes, nameEnd)
    if (nameEnd === NOWHERE || bytes[colon] !== COLON) return
    const value = afterSpace(bytes, colon + 1)
    const end = endOfValue(bytes, value, DEEPEST)
    if (end === NOWHERE) return
    yield { name: bytes.subarray(name, nameEnd), value: bytes.subarray(value, end) }
    at = afterSpace(bytes, end)
  } while (bytes[at] === COMMA)
}

// Each of these gives where the byte behind it is, or NOWHERE.
function endOfValue(bytes: Uint8Array, at: number, deeper: number): number {
  switch (bytes[at] ?? 0) {
    case QUOTE:
      return endOfText(bytes, at + 1)
    case 0x7b: // {
      return deeper === 0 ? NOWHERE : endOfObject(bytes, at + 1, deeper - 1)
    case 0x5b: // [
      return deeper === 0 ? NOWHERE : endOfArray(bytes, at + 1, deeper - 1)
    case 0x74: // t
      return endOfWord(bytes, at, TRUE)
    case 0x66: // f
      return endOfWord(bytes, at, FALSE)
    case 0x6e: // n
      return endOfWord(bytes, at, NULL)
    default:
      return endOfNumber(bytes, at)
  }
}

const COMMA = 0x2c
const COLON = 0x3a
const [TRUE, FALSE, NULL] = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')]

function endOfObject(bytes: Uint8Array, start: number, deeper: number): number {
  let at = afterSpace(bytes, start)
  if (bytes[at] === 0x7d) return at + 1
  for (; bytes[at] === QUOTE; at = afterSpace(bytes, at + 1)) {
    at = endOfText(bytes, at + 1)
    if (at === NOWHERE) return NOWHERE
    at = afterSpace(bytes, at)
    if (bytes[at] !== COLON) return NOWHERE
    at = endOfValue(bytes, afterSpace(bytes, at + 1), deeper)
    if (at === NOWHERE) return NOWHERE
    at = afterSpace(bytes, at)
    if (bytes[at] === 0x7d) return at + 1
    if (bytes[at] !== COMMA) return NOWHERE
  }
  return NOWHERE
}

function endOfArray(bytes: Uint8Array, start: number, deeper: number): number {
  let at = afterSpace(bytes, start)
  if (bytes[at] === 0x5d) return at + 1
  for (; ; at = afterSpace(bytes, at + 1)) {
    at = endOfValue(bytes, at, deeper)
    if (at === NOWHERE) return NOWHERE
    at = afterSpace(bytes, at)
    if (bytes[at] === 0x5d) return at + 1
    if (bytes[at] !== COMMA) return NOWHERE
  }
}

function endOfText(bytes: Uint8Array, start: number): number {
  const { length } = bytes
  for (let at = start; ; at += 2) {
    at = plainEnd(bytes, at, length)
    if (bytes[at] === QUOTE) return at + 1
    if (bytes[at] !== BACKSLASH) return NOWHERE
    if (ESCAPED[bytes[at + 1] ?? 0] === 1) continue
    if (bytes[at + 1] !== 0x75 || !areHex(bytes, at + 2)) return NOWHERE
    at += 4
  }
}

function endOfWord(bytes: Uint8Array, start: number, word: Uint8Array): number {
  return word.every((byte, index) => bytes[start + index] === byte) ? start + word.length : NOWHERE
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === 0x2d ? start + 1 : start
  let at = endOfDigits(bytes, first)
  if (at === NOWHERE || (bytes[first] === 0x30 && at > first + 1)) return NOWHERE
  if (bytes[at] === 0x2e) at = endOfDigits(bytes, at + 1)
  if (at === NOWHERE || ((bytes[at] ?? 0) | 0x20) !== 0x65) return at
  const isSigned = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d
  return endOfDigits(bytes, isSigned ? at + 2 : at + 1)
}

function endOfDigits(bytes: Uint8Array, start: number): number {
  let at = start
  while (isDigit(bytes[at] ?? 0)) at += 1
  return at === start ? NOWHERE : at
}

function afterSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (SPACE[bytes[at] ?? 0] === 1) at += 1
  return at
}

const SPACE = table((byte) => [0x20, 0x09, 0x0a, 0x0d].includes(byte))
