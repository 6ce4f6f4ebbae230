import { exactDecimal } from '../canonical-json.ts'
import { parseJson } from '../json-parse.ts'
import { CaseMap } from './case-map.ts'

/** Thrown when a condition reads a number that no CEL number holds exactly (design.md, invariant 3). */
class InexactNumber extends Error {
  override readonly name = 'InexactNumber'
}

/** Notes that an inexact number was read: CEL's `||` and `&&` swallow errors, and the condition must fail all the same. */
export interface ReadMarks {
  inexact: boolean
}

const INEXACT = Symbol('inexact')
const MAX_DECIMAL = 400
const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n

// Without a match, inside strings or out, every number of a text is whole and has at most 15 digits: no double rounds it.
const ODD_NUMBER = /[0-9](?:\.[0-9]|[eE][-+0-9]|[0-9]{15})/u

/**
 * Parses JSON for conditions: a number without fraction and exponent becomes a BigInt (64 bits), any other a double when
 * the double prints as that very decimal. Reading any other number throws and is noted in `marks`. Objects become Maps,
 * which have no prototype to fall through to: `args.constructor` is a key like any other.
 * @param caseSensitive the server tells keys apart that differ in case only, so a condition may too (see `CaseMap`)
 */
export function parseExactJson(text: string, marks: ReadMarks, caseSensitive = false): unknown {
  const mapOf: MapOf = caseSensitive
    ? (entries) => new Map(entries)
    : (entries) => new CaseMap(entries, marks)
  if (!ODD_NUMBER.test(text)) return fromPlain(parseJson(text), mapOf)
  const value = parseJson(text, exactNumber)
  return value === INEXACT ? complain(marks) : guarded(value, marks, mapOf)
}

type MapOf = (entries: readonly (readonly [string, unknown])[]) => Map<string, unknown>

// From the inside out: a container is guarded when what it holds is.
function guarded(value: unknown, marks: ReadMarks, mapOf: MapOf): unknown {
  if (Array.isArray(value))
    return guardedArray(
      value.map((member) => guarded(member, marks, mapOf)),
      marks,
    )
  if (typeof value !== 'object' || value === null) return value
  return guardedMap(
    Object.entries(value).map(([key, member]) => [key, guarded(member, marks, mapOf)]),
    marks,
    mapOf,
  )
}

function fromPlain(value: unknown, mapOf: MapOf): unknown {
  if (typeof value === 'number') return BigInt(value)
  if (Array.isArray(value)) return value.map((member) => fromPlain(member, mapOf))
  if (typeof value !== 'object' || value === null) return value
  return mapOf(Object.entries(value).map(([key, member]) => [key, fromPlain(member, mapOf)]))
}

/** Reads one JSON number: a BigInt, a double that is exactly that decimal, or the mark of one that is neither. */
function exactNumber(source: string): bigint | number | typeof INEXACT {
  if (/^-?\d+$/u.test(source)) {
    // 64 bits have at most 19 digits, so what is longer need not be parsed: BigInt of a megabyte of digits takes seconds.
    const value = source.length > 20 ? MAX_INT + 1n : BigInt(source)
    return value >= MIN_INT && value <= MAX_INT ? value : INEXACT
  }
  // No double prints with so many digits, and comparing the decimals of a long one takes long.
  if (source.length > MAX_DECIMAL) return INEXACT
  const value = Number(source)
  return Number.isFinite(value) && exactDecimal(source) === exactDecimal(String(value)) ? value : INEXACT
}

function guardedArray(members: unknown[], marks: ReadMarks): unknown[] {
  members.forEach((member, index) => {
    if (member !== INEXACT) return
    Object.defineProperty(members, index, { enumerable: true, get: () => complain(marks) })
  })
  return members
}

function guardedMap(
  entries: readonly [string, unknown][],
  marks: ReadMarks,
  mapOf: MapOf,
): Map<string, unknown> {
  const exact = entries.filter(([, member]) => member !== INEXACT)
  if (exact.length === entries.length) return mapOf(entries)
  // Last, because CEL looks at a map's first entry to learn its type, whichever entry is asked for.
  const inexact = entries.filter(([, member]) => member === INEXACT)
  const map = mapOf([...exact, ...inexact])
  const found = map.get.bind(map)
  const get = (key: string): unknown => {
    const member = found(key)
    return member === INEXACT ? complain(marks) : member
  }
  function* walk(): Generator<[string, unknown]> {
    yield* exact
    complain(marks)
  }
  // CEL walks maps by these methods; the library takes only genuine Maps, so the instance is changed, not a subclass made.
  const refuse = (): never => complain(marks)
  const guards = { get, entries: walk, values: refuse, forEach: refuse, [Symbol.iterator]: walk }
  for (const name of Reflect.ownKeys(guards)) {
    Object.defineProperty(map, name, { value: Reflect.get(guards, name) })
  }
  return map
}

function complain(marks: ReadMarks): never {
  marks.inexact = true
  throw new InexactNumber('a number fits neither 64 bits nor a double exactly')
}
