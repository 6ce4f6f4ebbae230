import { areHex, BACKSLASH, ESCAPED, plainEnd, QUOTE } from './json-bytes.ts'
import { endOfString, endOfValue, skipSpace } from './json-spans.ts'

/** What one look at a JSON text, right or wrong, tells without building anything. */
export interface JsonScan {
  /** Members of all objects: the colons outside of strings. */
  readonly members: number
  /** The deepest nesting of objects and arrays. */
  readonly depth: number
  /** Is half of a surrogate pair written as an escape? Bytes cannot spell one. */
  readonly loneSurrogate: boolean
  /** Has any key an escape in it? */
  readonly escapedKeys: boolean
  /** Has any key a letter, a digit, `_`, `.` or `-` that is written as an escape? No serializer does that. */
  readonly disguisedKeys: boolean
  /** Values that are strings of many bytes: where each begins, behind its quote, and ends, before it. */
  readonly long: readonly LongString[]
}

/** A string that is a value, in its spelling, which is sound. */
export interface LongString {
  readonly start: number
  readonly end: number
}

/**
 * Parses a JSON text as JSON.parse does, but reads keys that hold an escape itself. *Seen* (V8 13.6, Node.js 24): after
 * an object with a key that has a backslash in it, JSON.parse may take an escaped key for that one, if its spelling begins
 * with it: `{"\u0061":1}` for an object with the key `\`, so a condition would look at another argument than the server
 * gets. Throws a SyntaxError where the text is no JSON.
 * @param number makes the value of a number from its text; absent: a double
 * @param scan what a look at this text told, where there was one
 */
export function parseJson(text: string, number?: (source: string) => unknown, scan?: JsonScan): unknown {
  const careful = scan?.escapedKeys ?? (text.includes('\\') && scanJson(Buffer.from(text)).escapedKeys)
  if (!careful && number === undefined) return JSON.parse(text)
  if (!careful) {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? number?.(context?.source ?? '') : value,
    )
  }
  JSON.parse(text) // throws where the syntax is wrong; what it built is not looked at
  return new Reader(text, number ?? Number).read()
}

/**
 * Looks over a JSON text in UTF-8 once. Of a text that is no JSON it tells something, which then does not matter. Bytes,
 * because a loop over a string takes twice as long (measured on 1 MB of rows: 0.6 ms, JSON.parse 0.9 ms).
 * @param longFrom of how many bytes a string is long
 */
export function scanJson(bytes: Uint8Array, longFrom = Infinity): JsonScan {
  const strings: Strings = { end: 0, escaped: false, sound: true, loneSurrogate: false }
  const long: LongString[] = []
  let [members, open, depth, escapedKeys, disguisedKeys, start] = [0, 0, 0, false, false, 0]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) {
      start = i + 1
      skipString(bytes, start, strings)
      if (strings.end - i > longFrom && strings.sound) long.push({ start, end: strings.end })
      i = strings.end
    } else if (byte === 0x3a) {
      members++
      if (strings.escaped) {
        escapedKeys = true
        disguisedKeys ||= isDisguised(bytes, start, strings.end)
      }
      if (long.at(-1)?.end === strings.end) long.pop() // a key
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++open > depth) depth = open
    } else if (byte === 0x7d || byte === 0x5d) open--
  }
  return { members, depth, loneSurrogate: strings.loneSurrogate, escapedKeys, disguisedKeys, long }
}

const NAME_LIKE = /[A-Za-z0-9_.-]/u

function isDisguised(bytes: Uint8Array, start: number, end: number): boolean {
  for (
    let at = bytes.indexOf(BACKSLASH, start);
    at !== -1 && at < end;
    at = bytes.indexOf(BACKSLASH, at + 2)
  ) {
    const code = bytes[at + 1] === 0x75 ? String.fromCharCode(...bytes.subarray(at + 2, at + 6)) : ''
    if (/^00[0-7]/u.test(code) && NAME_LIKE.test(String.fromCharCode(Number.parseInt(code, 16)))) return true
  }
  return false
}

/** The string that was scanned last, and what was seen in all. */
interface Strings {
  end: number
  escaped: boolean
  /** Is it one that JSON.parse takes? */
  sound: boolean
  loneSurrogate: boolean
}

function skipString(bytes: Uint8Array, start: number, strings: Strings): void {
  const { length } = bytes
  let [at, escaped, sound] = [start, false, true]
  strings.sound = true
  for (;;) {
    at = plainEnd(bytes, at, length)
    const byte = bytes[at]
    if (byte === QUOTE || at >= length) break
    if (byte === BACKSLASH) {
      escaped = true
      at = ESCAPED[bytes[at + 1] ?? 0] === 1 ? at + 2 : skipUnicode(bytes, at + 1, strings)
    } else {
      sound = false // a control character
      at++
    }
  }
  strings.end = at
  strings.escaped = escaped
  if (!sound) strings.sound = false
}

// `at` is where the `u` of `\uXXXX` should be; gives the byte behind what was looked at.
function skipUnicode(bytes: Uint8Array, at: number, strings: Strings): number {
  if (bytes[at] !== 0x75 || !areHex(bytes, at + 1)) {
    strings.sound = false
    return at + 1
  }
  const half = surrogateAt(bytes, at)
  if (half === 'none') return at + 5
  const other = bytes[at + 5] === BACKSLASH && bytes[at + 6] === 0x75 ? surrogateAt(bytes, at + 6) : 'none'
  if (half !== 'high' || other !== 'low') strings.loneSurrogate = true
  else if (!areHex(bytes, at + 7)) strings.sound = false
  else return at + 11
  return at + 5
}

// Which half of a pair the escape at the `u` of `\\uXXXX` is: D800–DBFF come first, DC00–DFFF second.
function surrogateAt(bytes: Uint8Array, at: number): 'high' | 'low' | 'none' {
  if (((bytes[at + 1] ?? 0) | 0x20) !== 0x64) return 'none'
  const digit = (bytes[at + 2] ?? 0) | 0x20
  if (digit === 0x38 || digit === 0x39 || digit === 0x61 || digit === 0x62) return 'high'
  return digit >= 0x63 && digit <= 0x66 ? 'low' : 'none'
}

/** Builds the value of a text that JSON.parse accepted, each key decoded by itself. */
class Reader {
  readonly #text: string
  readonly #number: (source: string) => unknown
  #at = 0

  constructor(text: string, number: (source: string) => unknown) {
    this.#text = text
    this.#number = number
  }

  read(): unknown {
    this.#at = skipSpace(this.#text, this.#at)
    const first = this.#text[this.#at]
    if (first === '{') return this.#object()
    if (first === '[') return this.#array()
    const end = endOfValue(this.#text, this.#at)
    const source = this.#text.slice(this.#at, end)
    this.#at = end
    return /^[-0-9]/.test(source) ? this.#number(source) : JSON.parse(source)
  }

  #object(): object {
    const object = {}
    while (this.#next('}')) {
      const end = endOfString(this.#text, this.#at)
      const key = String(JSON.parse(this.#text.slice(this.#at, end)))
      this.#at = skipSpace(this.#text, end) + 1
      // Not an assignment: `__proto__` is a key like any other.
      Object.defineProperty(object, key, {
        value: this.read(),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return object
  }

  #array(): unknown[] {
    const array: unknown[] = []
    while (this.#next(']')) array.push(this.read())
    return array
  }

  // Steps over the opening bracket or the comma to the next member; over the closing bracket where there is none.
  #next(close: string): boolean {
    const at = skipSpace(this.#text, this.#at)
    if (this.#text[at] === close) {
      this.#at = at + 1
      return false
    }
    const next = skipSpace(this.#text, at + 1)
    this.#at = this.#text[next] === close ? next + 1 : next
    return this.#text[next] !== close
  }
}
