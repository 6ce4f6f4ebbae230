import type { Circumstances, Listed } from '../decision.ts'
import { checkAddress } from './address.ts'
import { both, type Condition, type Truth } from './condition.ts'
import { listContext } from './condition-context.ts'
import type { Pattern } from './name-pattern.ts'
import { includes, isUnconditional, type MatcherKind } from './rule.ts'
import type { Entry } from './entry-index.ts'
import { entriesFor, entriesOf, type RulesInForce } from './rules-in-force.ts'
import { coversTemplate } from './template-cover.ts'

/**
 * Says whether a list may show an entry: some allow or ask could cover it and no deny surely does (design.md, "Lists").
 * What depends on arguments is unknown here: an unknown deny hides nothing, an unknown allow or ask shows. Never throws.
 */
export function isListed(entry: Listed, rules: RulesInForce, circumstances: Circumstances): boolean {
  if (entry.kind === 'resource' && !checkAddress(entry.uri).ok) return false
  const context = listContext(entry, circumstances)
  const judge = (condition: Condition | null): Truth =>
    condition === null ? 'yes' : condition.judge(context)
  let shown = false
  for (const candidate of candidates(entry, rules)) {
    const truth = both(judge(candidate.cover.when), judge(candidate.rule.when))
    if (candidate.rule.effect === 'deny') {
      if (deniesAll(candidate, entry) && (truth === 'yes' || truth === 'failed')) return false
    } else if (!shown) shown = mayPermit(candidate, truth)
  }
  return shown
}

/**
 * Says whether anything of a kind could ever be allowed or asked under these rules, in some call by somebody: what a
 * capability is kept for.
 */
export function couldEverAllow(kind: MatcherKind, rules: RulesInForce): boolean {
  const entries = entriesOf(kind, rules)
  const denies = entries.filter(({ rule, cover }) => rule.effect === 'deny' && isUnconditional(rule, cover))
  return entries.some(({ rule, cover }) => {
    if (rule.effect === 'deny' || rule.when?.constant === 'no' || cover.when?.constant === 'no') return false
    return !denies.some((deny) => includes(deny.cover.pattern, cover.pattern, kind))
  })
}

function candidates(entry: Listed, rules: RulesInForce): readonly Entry[] {
  switch (entry.kind) {
    case 'tool':
    case 'prompt':
      return entriesFor(entry.kind, entry.name, rules)
    case 'resource':
      return entriesFor('resource', entry.uri, rules)
    case 'resourceTemplate':
      return entriesOf('resource', rules).filter(({ cover }) => overlaps(cover.pattern, entry.uriTemplate))
  }
}

// A failing allow does not match, a failing ask does: as in a call.
function mayPermit({ rule }: Entry, truth: Truth): boolean {
  return truth === 'yes' || truth === 'unknown' || (truth === 'failed' && rule.effect === 'ask')
}

function deniesAll({ cover }: Entry, entry: Listed): boolean {
  return entry.kind !== 'resourceTemplate' || coversTemplate(cover.pattern, entry.uriTemplate)
}

// Only what comes before the first variable or wildcard is compared: to show too much is safe, each call is decided.
function overlaps(pattern: Pattern, uriTemplate: string): boolean {
  const literal = literalOf(uriTemplate)
  if (literal === uriTemplate) return pattern.matches(uriTemplate)
  return pattern.prefix.startsWith(literal) || (!pattern.exact && literal.startsWith(pattern.prefix))
}

function literalOf(uriTemplate: string): string {
  const brace = uriTemplate.indexOf('{')
  return brace === -1 ? uriTemplate : uriTemplate.slice(0, brace)
}
