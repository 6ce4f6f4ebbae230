import type { Policy } from './policy.ts'
import type { Cover, MatcherKind, Rule } from './rule.ts'

/** One cover of a rule in force; `order` is the rule's place, so that answers cite rules in the order of the file. */
export interface Entry {
  readonly rule: Rule
  readonly cover: Cover
  readonly order: number
}

/** The rules that hold for one server, indexed so that a call meets only those whose patterns could match it. */
export interface RulesInForce {
  /** Does the server tell apart keys of arguments that differ in case only? */
  readonly caseSensitiveArguments: boolean
  readonly kinds: ReadonlyMap<MatcherKind, EntryIndex>
}

/** The entries of one kind: exact names by name, patterns by what comes before their first wildcard. */
export interface EntryIndex {
  readonly all: readonly Entry[]
  readonly exact: ReadonlyMap<string, readonly Entry[]>
  readonly byPrefix: ReadonlyMap<string, readonly Entry[]>
  readonly prefixLengths: readonly number[]
}

/**
 * Gathers the rules in force on a server: the policy's own and those of its grants there (all of them, or the named
 * ones). `server` is null for a wrapped command that the policy does not name: then rules without a server hold.
 */
export function rulesInForce(
  policy: Policy,
  server: string | null,
  grants?: readonly string[],
): RulesInForce {
  const granted = policy.grants.filter(
    (grant) => grant.server === server && (grants === undefined || grants.includes(grant.name)),
  )
  const rules = [...policy.rules, ...granted.flatMap((grant) => grant.rules)]
  const byKind = new Map<MatcherKind, Entry[]>()
  rules.forEach((rule, order) => {
    for (const cover of rule.covers) {
      if (cover.server !== null && cover.server !== server) continue
      append(byKind, rule.kind, { rule, cover, order })
    }
  })
  const caseSensitiveArguments = policy.servers.get(server ?? '')?.caseSensitiveArguments ?? false
  return {
    caseSensitiveArguments,
    kinds: new Map([...byKind].map(([kind, entries]) => [kind, indexed(entries)])),
  }
}

/** Names the grants of a policy on a server, in the order of the file. */
export function grantNames(policy: Policy, server: string | null): string[] {
  return policy.grants.filter((grant) => grant.server === server).map((grant) => grant.name)
}

/** Finds the entries whose pattern matches a name or an address. */
export function entriesFor(kind: MatcherKind, name: string, { kinds }: RulesInForce): Entry[] {
  const index = kinds.get(kind)
  if (index === undefined) return []
  const found = [...(index.exact.get(name) ?? [])]
  for (const length of index.prefixLengths) {
    if (length > name.length) break
    for (const entry of index.byPrefix.get(name.slice(0, length)) ?? []) {
      if (entry.cover.pattern.matches(name)) found.push(entry)
    }
  }
  return found
}

/** Gives all entries of one kind. */
export function entriesOf(kind: MatcherKind, { kinds }: RulesInForce): readonly Entry[] {
  return kinds.get(kind)?.all ?? []
}

function indexed(entries: readonly Entry[]): EntryIndex {
  const exact = new Map<string, Entry[]>()
  const byPrefix = new Map<string, Entry[]>()
  for (const entry of entries) {
    const { pattern } = entry.cover
    append(pattern.exact ? exact : byPrefix, pattern.prefix, entry)
  }
  const lengths = new Set([...byPrefix.keys()].map((prefix) => prefix.length))
  return { all: entries, exact, byPrefix, prefixLengths: [...lengths].sort((a, b) => a - b) }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
