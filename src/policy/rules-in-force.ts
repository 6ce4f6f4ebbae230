import { append, type Entry, type EntryIndex, entryIndex, findEntries } from './entry-index.ts'
import type { Grant, Policy } from './policy.ts'
import type { MatcherKind, Rule } from './rule.ts'

/** The rules that hold for one server, indexed so that a call meets only those whose patterns could match it. */
export interface RulesInForce {
  /** Does the server tell apart keys of arguments that differ in case only? */
  readonly caseSensitiveArguments: boolean
  /** The policy's own rules, those of active grants, perhaps those of one grant more. */
  readonly layers: readonly Layer[]
}

type Layer = ReadonlyMap<MatcherKind, EntryIndex>

/** What was made of one policy: it is asked for at each change of a grant, and most of it stays as it was. */
interface Made {
  readonly own: Map<string | null, Layer>
  /** By the grant's name. */
  readonly granted: Map<string, ReadonlyMap<MatcherKind, readonly Entry[]>>
  /** By the server's name, in the order of the file. */
  readonly grantsOn: ReadonlyMap<string, readonly Grant[]>
  /** The place of each grant's first rule. */
  readonly firstOrder: ReadonlyMap<string, number>
}

const MADE = new WeakMap<Policy, Made>()

/**
 * Gathers the rules in force on a server: the policy's own and those of its grants there (all of them, or the named
 * ones). `server` is null for a wrapped command that the policy does not name: then rules without a server hold.
 */
export function rulesInForce(
  policy: Policy,
  server: string | null,
  grants?: readonly string[],
): RulesInForce {
  const named = grants === undefined ? null : new Set(grants)
  const active = grantsOn(policy, server).filter(({ name }) => named?.has(name) ?? true)
  const granted = active.map((grant) => entriesGranted(policy, grant))
  const caseSensitiveArguments = policy.servers.get(server ?? '')?.caseSensitiveArguments ?? false
  const own = ownLayer(policy, server)
  return { caseSensitiveArguments, layers: granted.length === 0 ? [own] : [own, layerOf(granted)] }
}

/**
 * Adds to the rules in force what inactive grants could give, for lists. Their `deny` rules are left out: until such a
 * grant is active they take nothing away.
 */
export function withAvailable(
  rules: RulesInForce,
  policy: Policy,
  available: readonly Grant[],
): RulesInForce {
  if (available.length === 0) return rules
  const given = available.map((grant) => {
    const kinds = [...entriesGranted(policy, grant)]
    return new Map(
      kinds.map(([kind, entries]) => [kind, entries.filter(({ rule }) => rule.effect !== 'deny')]),
    )
  })
  return { ...rules, layers: [...rules.layers, layerOf(given)] }
}

/** Gives the rules in force as they would be with one grant more. */
export function withGrant(rules: RulesInForce, policy: Policy, grant: Grant): RulesInForce {
  return { ...rules, layers: [...rules.layers, layerOf([entriesGranted(policy, grant)])] }
}

/** Gives the grants of a policy on a server, in the order of the file. */
export function grantsOn(policy: Policy, server: string | null): readonly Grant[] {
  return server === null ? [] : (madeOf(policy).grantsOn.get(server) ?? [])
}

/** Names the grants of a policy on a server, in the order of the file. */
export function grantNames(policy: Policy, server: string | null): string[] {
  return grantsOn(policy, server).map(({ name }) => name)
}

/** Finds the entries whose pattern matches a name or an address. */
export function entriesFor(kind: MatcherKind, name: string, { layers }: RulesInForce): Entry[] {
  const found: Entry[] = []
  for (const layer of layers) {
    const index = layer.get(kind)
    if (index !== undefined) findEntries(index, name, found)
  }
  return found
}

/** Gives all entries of one kind. */
export function entriesOf(kind: MatcherKind, { layers }: RulesInForce): readonly Entry[] {
  return layers.flatMap((layer) => layer.get(kind)?.all ?? [])
}

function madeOf(policy: Policy): Made {
  const known = MADE.get(policy)
  if (known !== undefined) return known
  const onServers = new Map<string, Grant[]>()
  const firstOrder = new Map<string, number>()
  let order = policy.rules.length
  for (const grant of policy.grants) {
    append(onServers, grant.server, grant)
    firstOrder.set(grant.name, order)
    order += grant.rules.length
  }
  const made = { own: new Map(), granted: new Map(), grantsOn: onServers, firstOrder }
  MADE.set(policy, made)
  return made
}

function ownLayer(policy: Policy, server: string | null): Layer {
  const { own } = madeOf(policy)
  const layer = own.get(server) ?? layerOf([entriesOn(policy.rules, server, 0)])
  own.set(server, layer)
  return layer
}

function entriesGranted(policy: Policy, grant: Grant): ReadonlyMap<MatcherKind, readonly Entry[]> {
  const { granted, firstOrder } = madeOf(policy)
  const entries =
    granted.get(grant.name) ?? entriesOn(grant.rules, grant.server, firstOrder.get(grant.name) ?? 0)
  granted.set(grant.name, entries)
  return entries
}

function entriesOn(
  rules: readonly Rule[],
  server: string | null,
  firstOrder: number,
): ReadonlyMap<MatcherKind, readonly Entry[]> {
  const byKind = new Map<MatcherKind, Entry[]>()
  rules.forEach((rule, index) => {
    for (const cover of rule.covers) {
      if (cover.server !== null && cover.server !== server) continue
      append(byKind, rule.kind, { rule, cover, order: firstOrder + index })
    }
  })
  return byKind
}

function layerOf(parts: readonly ReadonlyMap<MatcherKind, readonly Entry[]>[]): Layer {
  const byKind = new Map<MatcherKind, Entry[]>()
  for (const part of parts) {
    for (const [kind, entries] of part) {
      const all = byKind.get(kind) ?? []
      byKind.set(kind, all)
      for (const entry of entries) all.push(entry)
    }
  }
  return new Map([...byKind].map(([kind, entries]) => [kind, entryIndex(entries)]))
}
