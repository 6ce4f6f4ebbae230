import type { AskTerms } from '../approval.ts'
import type { Effect } from '../decision.ts'
import type { Condition } from './condition.ts'
import type { Pattern } from './name-pattern.ts'

export type MatcherKind = 'tool' | 'resource' | 'prompt' | 'serverRequest'

/** One line of policy, compiled: an effect, what it covers, an optional condition. */
export interface Rule {
  readonly effect: Effect
  /** How people cite it: `rules[3]`, `rules.no-ddl`, `grants.orders-read.rules[0]`. */
  readonly ref: string
  readonly reason: string | null
  readonly kind: MatcherKind
  readonly covers: readonly Cover[]
  readonly when: Condition | null
  /** What it wants before a call is sent; null: it asks nobody, because it allows or denies. */
  readonly ask: AskTerms | null
  /** Where it stands in the file, for problems that only a look at all rules finds. */
  readonly offset: number
  /** The line of that place, counted from 1, for people. */
  readonly line: number
}

/** A part of what a rule covers: patterns, on one server or on all. A verb's entries become covers with their own condition. */
export interface Cover {
  /** null: every server, and a wrapped command that the policy does not name. */
  readonly server: string | null
  readonly pattern: Pattern
  readonly when: Condition | null
}

/** Says whether a rule covers everything that its patterns match, whatever the call. */
export function isUnconditional(rule: Rule, cover: Cover): boolean {
  return isAlwaysTrue(rule.when) && isAlwaysTrue(cover.when)
}

/** Says, without ever claiming too much, whether all that `narrow` matches is matched by `wide` too. */
export function includes(wide: Pattern, narrow: Pattern, kind: MatcherKind): boolean {
  if (wide.all || wide.text === narrow.text) return true
  if (wide.exact) return false
  if (narrow.exact) return wide.matches(narrow.text)
  const tail = kind === 'resource' ? '**' : '*'
  return wide.text === `${wide.prefix}${tail}` && narrow.prefix.startsWith(wide.prefix)
}

function isAlwaysTrue(condition: Condition | null): boolean {
  return condition === null || condition.constant === 'yes'
}
