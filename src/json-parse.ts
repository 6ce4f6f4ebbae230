import { endOfString, endOfValue, skipSpace } from './json-spans.ts'

/** What one look at a JSON text, right or wrong, tells without building anything. */
export interface JsonScan {
  /** Members of all objects: the colons outside of strings. */
  readonly members: number
  /** The deepest nesting of objects and arrays. */
  readonly depth: number
  /** Is a surrogate written as an escape? */
  readonly surrogates: boolean
  /** Has any key an escape in it? */
  readonly escapedKeys: boolean
}

/**
 * Parses a JSON text as JSON.parse does, but reads keys that hold an escape itself. *Seen* (V8 13.6, Node.js 24): after
 * an object with a key that ends in a backslash, JSON.parse takes `{"\u0061":1}` for an object with the key `\`, so a
 * condition would look at another argument than the server gets. Throws a SyntaxError where the text is no JSON.
 * @param number makes the value of a number from its text; absent: a double
 * @param scan what a look at this text told, where there was one
 */
export function parseJson(text: string, number?: (source: string) => unknown, scan?: JsonScan): unknown {
  const careful = scan?.escapedKeys ?? (text.includes('\\') && scanJson(text).escapedKeys)
  if (!careful && number === undefined) return JSON.parse(text)
  if (!careful) {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? number?.(context?.source ?? '') : value,
    )
  }
  JSON.parse(text) // throws where the syntax is wrong; what it built is not looked at
  return new Reader(text, number ?? Number).read()
}

/** Looks over a JSON text once. Of a text that is no JSON it tells something, which then does not matter. */
export function scanJson(text: string): JsonScan {
  const strings: Strings = { end: 0, escaped: false, surrogates: false, plain: !text.includes('\\') }
  let [members, open, depth, escapedKeys] = [0, 0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) {
      skipString(text, i + 1, strings)
      i = strings.end
    } else if (c === 0x3a) {
      members++
      if (strings.escaped) escapedKeys = true
    } else if (c === 0x7b || c === 0x5b) {
      if (++open > depth) depth = open
    } else if (c === 0x7d || c === 0x5d) open--
  }
  return { members, depth, surrogates: strings.surrogates, escapedKeys }
}

/** The string that was scanned last, and what was seen in all. */
interface Strings {
  end: number
  escaped: boolean
  surrogates: boolean
  /** No backslash in the whole text. */
  readonly plain: boolean
}

// One character at a time, because most strings of a message are short; a long one without escapes is skipped at once.
const SHORT = 32

function skipString(text: string, start: number, strings: Strings): void {
  strings.escaped = false
  let i = start
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) break
    if (strings.plain && i - start > SHORT) {
      const end = text.indexOf('"', i)
      i = end === -1 ? text.length : end
      break
    }
    if (c !== 0x5c) continue
    strings.escaped = true
    i++
    if (text.charCodeAt(i) === 0x75 && (text.charCodeAt(i + 1) | 0x20) === 0x64) strings.surrogates = true // \ud…
  }
  strings.end = i
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
