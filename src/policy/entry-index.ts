import type { Cover, Rule } from './rule.ts'

/** One cover of a rule in force; `order` is the rule's place, so that answers cite rules in the order of the file. */
export interface Entry {
  readonly rule: Rule
  readonly cover: Cover
  readonly order: number
}

/** Entries of one kind: exact names by name, patterns by what stands before their first wildcard or behind their last. */
export interface EntryIndex {
  readonly all: readonly Entry[]
  readonly exact: ReadonlyMap<string, readonly Entry[]>
  readonly byPrefix: ByLength
  /** Those of no prefix that have a suffix, such as `*_forever`. */
  readonly bySuffix: ByLength
}

/** Entries by a piece of text, with the lengths that such pieces have, from the shortest. */
interface ByLength {
  readonly entries: ReadonlyMap<string, readonly Entry[]>
  readonly lengths: readonly number[]
}

/** Indexes entries of one kind, in time that grows with their number. */
export function entryIndex(entries: readonly Entry[]): EntryIndex {
  const exact = new Map<string, Entry[]>()
  const byPrefix = new Map<string, Entry[]>()
  const bySuffix = new Map<string, Entry[]>()
  for (const entry of entries) {
    const { pattern } = entry.cover
    const suffix = pattern.text.slice(pattern.text.lastIndexOf('*') + 1)
    if (pattern.exact) append(exact, pattern.text, entry)
    else if (pattern.prefix === '' && suffix !== '') append(bySuffix, suffix, entry)
    else append(byPrefix, pattern.prefix, entry)
  }
  return { all: entries, exact, byPrefix: byLength(byPrefix), bySuffix: byLength(bySuffix) }
}

/** Adds to `found` the entries whose pattern matches a name or an address. */
export function findEntries(index: EntryIndex, name: string, found: Entry[]): void {
  for (const entry of index.exact.get(name) ?? []) found.push(entry)
  const { byPrefix, bySuffix } = index
  addMatching(byPrefix, name, (length) => name.slice(0, length), found)
  addMatching(bySuffix, name, (length) => name.slice(name.length - length), found)
}

/** Adds to a list in a map, which it makes where there is none yet. */
export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function addMatching(
  { entries, lengths }: ByLength,
  name: string,
  pieceOf: (length: number) => string,
  found: Entry[],
): void {
  for (const length of lengths) {
    if (length > name.length) return
    for (const entry of entries.get(pieceOf(length)) ?? []) {
      if (entry.cover.pattern.matches(name)) found.push(entry)
    }
  }
}

function byLength(entries: ReadonlyMap<string, readonly Entry[]>): ByLength {
  const lengths = new Set([...entries.keys()].map((piece) => piece.length))
  return { entries, lengths: [...lengths].sort((a, b) => a - b) }
}
