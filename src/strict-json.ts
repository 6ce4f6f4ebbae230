import { isUtf8 } from 'node:buffer'
import { foldCase } from './fold-case.ts'
import { endOfString, type Span } from './json-spans.ts'

/** Deeper nesting is refused: parsers of the field give up, or overflow, at different depths. */
export const MAX_DEPTH = 128

export type Strict =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  /** `json`: the bytes were JSON all the same, so an id may be read out of `value`. */
  | { readonly ok: false; readonly why: string; readonly json: { readonly value: unknown } | null }

/** The keys of one object so far: as they are compared, and as they were written. */
type Keys = Map<string, string>

export interface StrictOptions {
  /** Are sibling keys refused that differ in case only? `protocol` texts are checked elsewhere, level by level. */
  readonly fold: boolean
}

/**
 * Reads bytes as JSON that every parser of the field reads as the same value (docs/design.md, invariant 3): valid UTF-8
 * without byte order mark or lone surrogates, no carriage return, at most 128 levels, no key twice in an object, nor,
 * with `fold`, two keys that are equal after case folding. Never throws.
 */
export function parseStrictJson(bytes: Uint8Array, options: StrictOptions): Strict {
  if (!isUtf8(bytes)) return { ok: false, why: 'it is not valid UTF-8', json: null }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return {
      ok: false,
      why: 'it begins with a byte order mark',
      json: parseLeniently(buffer.toString('utf8', 3)),
    }
  }
  const text = buffer.toString('utf8')
  const json = parseLeniently(text)
  if (json === null) return { ok: false, why: 'it is not JSON', json: null }
  // *Seen*: text readers of stock Python servers end a line at a carriage return, and run what follows as a message.
  if (buffer.includes(0x0d))
    return { ok: false, why: 'it has a carriage return that no newline follows', json }
  const fault = findFault(text, options.fold, [])
  return fault === null ? { ok: true, text, value: json.value } : { ok: false, why: fault, json }
}

/** Checks a JSON text that JSON.parse accepted; inside the spans `exempt`, keys that differ in case may stand together. */
export function findFault(text: string, fold: boolean, exempt: readonly Span[]): string | null {
  const escapes = text.includes('\\u')
  const open: (Keys | null)[] = [] // one entry a level: an object's keys so far, null for an array
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) {
      const end = endOfString(text, i)
      const fault = stringFault(text, i, end, escapes, expectKey ? (open.at(-1) ?? null) : null, fold, exempt)
      if (fault !== null) return fault
      expectKey = false
      i = end - 1
    } else if (c === 0x7b || c === 0x5b) {
      if (open.length === MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`
      open.push(c === 0x7b ? new Map() : null)
      expectKey = c === 0x7b
    } else if (c === 0x7d || c === 0x5d) {
      open.pop()
      expectKey = false
    } else if (c === 0x2c) {
      expectKey = open.at(-1) !== null
    }
  }
  return null
}

function stringFault(
  text: string,
  start: number,
  end: number,
  escapes: boolean,
  keys: Keys | null,
  fold: boolean,
  exempt: readonly Span[],
): string | null {
  if (keys === null && !escapes) return null
  const raw = text.slice(start + 1, end - 1)
  const decoded = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
  if (escapes && !decoded.isWellFormed()) return 'it has half of a surrogate pair'
  if (keys === null) return null
  const exempted = !fold || exempt.some((span) => start > span.start && start < span.end)
  const name = exempted ? decoded : foldCase(decoded)
  const sibling = keys.get(name)
  if (sibling === decoded) return 'an object in it has a key twice'
  if (sibling !== undefined) return 'an object in it has two keys that differ in case only'
  keys.set(name, decoded)
  return null
}

function parseLeniently(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return null // not JSON: the caller says so, without quoting what the text holds
  }
}
