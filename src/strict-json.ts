import { isUtf8 } from 'node:buffer'
import { foldCase } from './fold-case.ts'
import { type HollowStrings, parseHollow } from './hollow-json.ts'
import { type JsonScan, parseJson, scanJson } from './json-parse.ts'

/** Deeper nesting is refused: parsers of the field give up, or overflow, at different depths. */
export const MAX_DEPTH = 128

export type Strict =
  | {
      readonly ok: true
      /** The text and its value; both of them with long strings empty, where that was wanted. */
      readonly text: string
      readonly value: unknown
      readonly isHollow: boolean
      /** Does any object in it have a key that begins with `hoopctl/`, in whatever case or spelling? */
      readonly ownKeys: boolean
    }
  /** `json`: the bytes were JSON all the same, so an id may be read out of `value`. */
  | { readonly ok: false; readonly why: string; readonly json: { readonly value: unknown } | null }

export interface StrictOptions {
  /** Are keys refused that some parsers read otherwise: siblings that differ in case only, disguised ones, a backslash in one? */
  readonly fold: boolean
  /** Paths of objects below which keys may differ in case only. */
  readonly exempt?: readonly (readonly string[])[]
  /** Which long strings are checked as all else, and not made: they stand empty in what is given. Absent: none. */
  readonly hollow?: HollowStrings
}

/**
 * Reads bytes as JSON that every parser of the field reads as the same value (docs/design.md, invariant 3): valid UTF-8
 * without byte order mark or lone surrogates, no carriage return, at most 128 levels, no key twice in an object, nor,
 * with `fold`, two keys that are equal after case folding, a letter in a key as an escape, or a key with a backslash. Never throws.
 */
export function parseStrictJson(bytes: Uint8Array, options: StrictOptions): Strict {
  if (!isUtf8(bytes)) return { ok: false, why: 'it is not valid UTF-8', json: null }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const json = parseLeniently(buffer.toString('utf8', 3), null)
    return { ok: false, why: 'it begins with a byte order mark', json }
  }
  const scan = scanJson(bytes, options.hollow?.from)
  const deep = scan.depth > MAX_DEPTH
  const hollow = deep ? null : parseHollow(buffer, scan, options.hollow)
  const text = hollow?.text ?? buffer.toString('utf8')
  const json = hollow ?? parseLeniently(text, deep ? null : scan)
  if (json === null) return { ok: false, why: 'it is not JSON', json: null }
  const refuse = (why: string): Strict => ({ ok: false, why, json })
  // *Seen*: text readers of stock Python servers end a line at a carriage return, and run what follows as a message.
  if (buffer.includes(0x0d)) return refuse('it has a carriage return that no newline follows')
  if (deep) return refuse(`it is nested deeper than ${MAX_DEPTH} levels`)
  if (scan.loneSurrogate) return refuse('it has half of a surrogate pair')
  if (options.fold && scan.disguisedKeys) return refuse(DISGUISED)
  const exempt = (options.exempt ?? []).map((path) => objectAt(json.value, path))
  const keys: Keys = { count: 0, own: false, exempt, seeds: !options.fold }
  const fault = walk(json.value, options.fold, keys)
  if (fault !== null) return refuse(fault)
  // The parser kept one member for each key, so where the text has more, a key stands twice in an object.
  if (scan.members !== keys.count) return refuse('an object in it has a key twice')
  return { ok: true, text, value: json.value, isHollow: hollow !== null, ownKeys: keys.own }
}

/** What is noted while the keys of a value are walked. */
interface Keys {
  count: number
  own: boolean
  readonly exempt: readonly unknown[]
  /** May keys have a backslash in them? */
  readonly seeds: boolean
}

function walk(value: unknown, fold: boolean, keys: Keys): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (!Array.isArray(value)) return walkObject(value, fold, keys)
  for (const element of value as unknown[]) {
    const fault = walk(element, fold, keys)
    if (fault !== null) return fault
  }
  return null
}

function walkObject(object: object, fold: boolean, keys: Keys): string | null {
  let plain = true
  const inside = fold && !keys.exempt.includes(object)
  const members = object as Readonly<Record<string, unknown>> // any object's members are unknown
  for (const key in members) {
    keys.count++
    if (!isPlain(key)) plain = false
    if ((key.charCodeAt(0) | 0x20) === 0x68 && OWN.test(key)) keys.own = true
    if (!keys.seeds && key.includes('\\')) return SEED
    if (!keys.seeds && key.includes('\0')) return NUL
    const fault = walk(members[key], inside, keys)
    if (fault !== null) return fault
  }
  return plain || !inside ? null : foldFault(Object.keys(object))
}

// *Seen*: what V8 13.6 does to later keys after one of these, it would do in the server too (json-parse.ts).
const SEED = 'a key in it has a backslash, after which some parsers misread other keys'
const DISGUISED =
  'a key in it writes a letter, a digit, `_`, `.` or `-` as an escape, which some parsers may misread'
const NUL = 'a key in it holds a NUL, at which some parsers end it'
const OWN = /^hoopctl\//i

// Keys that folding does not change cannot meet: they would be one key.
function isPlain(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i)
    if (c > 0x7f || (c >= 0x41 && c <= 0x5a)) return false
  }
  return true
}

function foldFault(keys: readonly string[]): string | null {
  const folded = new Set(keys.map(foldCase))
  return folded.size === keys.length ? null : 'an object in it has two keys that differ in case only'
}

function objectAt(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = Reflect.get(at, key)
  }
  return at
}

function parseLeniently(text: string, scan: JsonScan | null): { readonly value: unknown } | null {
  try {
    // A text that is refused whatever it holds is parsed for its id only.
    return { value: scan === null ? JSON.parse(text) : parseJson(text, undefined, scan) }
  } catch {
    return null // not JSON: the caller says so, without quoting what the text holds
  }
}
