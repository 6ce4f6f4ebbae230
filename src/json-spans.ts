/** Where a value stands in a JSON text: `start` is its first character, `end` is behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A member of an object: its key as a parser reads it, the key's span with its quotes, the value's span. */
export interface Member {
  readonly key: string
  readonly name: Span
  readonly value: Span
}

// All functions here expect a text that JSON.parse accepted, and a position at which a value of the right kind begins.

/** Lists the members of the object that begins at `at`, in the order of the text. */
export function members(text: string, at: number): Member[] {
  const found: Member[] = []
  eachMember(text, at, (key, name, start) => {
    const end = endOfValue(text, start)
    found.push({ key, name, value: { start, end } })
    return end
  })
  return found
}

/** Lists the elements of the array that begins at `at`. */
export function elements(text: string, at: number): Span[] {
  const found: Span[] = []
  eachElement(text, at, (start) => {
    const end = endOfValue(text, start)
    found.push({ start, end })
    return end
  })
  return found
}

/**
 * Steps through the object that begins at `at` and returns the position behind it. `visit` is told each key, where it
 * stands and where its value begins, and returns the position behind the value: whoever reads the value anyway need not
 * have it looked over before.
 */
export function eachMember(
  text: string,
  at: number,
  visit: (key: string, name: Span, start: number) => number,
): number {
  let i = skipSpace(text, at + 1)
  while (text[i] !== '}') {
    const name = { start: i, end: endOfString(text, i) }
    i = afterComma(text, visit(keyOf(text, name), name, skipSpace(text, skipSpace(text, name.end) + 1)))
  }
  return i + 1
}

/** Steps through the array that begins at `at`, as `eachMember` does through an object. */
export function eachElement(text: string, at: number, visit: (start: number) => number): number {
  let i = skipSpace(text, at + 1)
  while (text[i] !== ']') i = afterComma(text, visit(i))
  return i + 1
}

/** Finds the value under a path of object keys; undefined where a step is missing or is no object. */
export function valueAt(text: string, path: readonly string[], at = skipSpace(text, 0)): Span | undefined {
  let span: Span = { start: at, end: at }
  for (const key of path) {
    if (text[span.start] !== '{') return undefined
    const member = members(text, span.start).find((candidate) => candidate.key === key)
    if (member === undefined) return undefined
    span = member.value
  }
  return path.length === 0 ? { start: at, end: endOfValue(text, at) } : span
}

/** Returns the position behind the string that begins at `at`. */
export function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

/** Returns the first position from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  let i = at
  while (isSpace(text.charCodeAt(i))) i++
  return i
}

/** Returns the position behind the value that begins at `at`. */
export function endOfValue(text: string, at: number): number {
  const first = text[at]
  if (first === '"') return endOfString(text, at)
  if (first === '{' || first === '[') return endOfContainer(text, at)
  let i = at
  while (i < text.length && !endsLiteral(text.charCodeAt(i))) i++
  return i
}

function endOfContainer(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) i = endOfString(text, i) - 1
    else if (c === 0x7b || c === 0x5b) depth++
    else if ((c === 0x7d || c === 0x5d) && --depth === 0) return i + 1
  }
  return text.length
}

function afterComma(text: string, end: number): number {
  const i = skipSpace(text, end)
  return text[i] === ',' ? skipSpace(text, i + 1) : i
}

function keyOf(text: string, name: Span): string {
  const raw = text.slice(name.start + 1, name.end - 1)
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw
}

// A quote is escaped by an odd number of backslashes before it.
function isEscaped(text: string, quote: number): boolean {
  let i = quote - 1
  while (text.charCodeAt(i) === 0x5c) i--
  return (quote - i) % 2 === 0
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
}

// A number or word ends at white space, a comma or a closing bracket.
function endsLiteral(c: number): boolean {
  return isSpace(c) || c === 0x2c || c === 0x7d || c === 0x5d
}
