import type { Call, Circumstances, Decision, Effect } from '../decision.ts'
import { visible } from '../visible.ts'
import { checkAddress } from './address.ts'
import { both, type Condition, type Truth } from './condition.ts'
import { callContext } from './condition-context.ts'
import type { Entry } from './entry-index.ts'
import { mergeTerms } from './merge-terms.ts'
import type { Rule } from './rule.ts'
import { entriesFor, type RulesInForce } from './rules-in-force.ts'

/** Decides one call: deny over ask over allow, whatever the order of the rules. No match is a deny. Never throws. */
export function decide(call: Call, rules: RulesInForce, circumstances: Circumstances): Decision {
  if (call.kind === 'resource') {
    const address = checkAddress(call.uri)
    if (!address.ok) return refusal(`the address is not in normal form: ${address.why}`)
  }
  const entries = entriesFor(call.kind, nameOf(call), rules)
  if (entries.length === 0) return refusal(`no rule in force covers ${described(call)}`)
  const context = callContext(call, circumstances, rules.caseSensitiveArguments)
  const matched = matchedRules(entries, (condition) => condition.judge(context))
  const strongest = ['deny', 'ask', 'allow'] as const
  for (const effect of strongest) {
    const led = matched.filter((rule) => rule.effect === effect)
    if (led.length > 0) return decision(effect, led)
  }
  return refusal(`no rule in force covers ${described(call)}`)
}

/** Finds the rules that match, in the order of the file, each once. */
function matchedRules(entries: readonly Entry[], judge: (condition: Condition) => Truth): Rule[] {
  const matched = new Map<number, Rule>()
  const known = new Map<Condition, Truth>()
  const truth = (condition: Condition | null): Truth => {
    if (condition === null) return 'yes'
    const found = known.get(condition) ?? judge(condition)
    known.set(condition, found)
    return found
  }
  for (const { rule, cover, order } of entries) {
    if (matched.has(order)) continue
    // The cover first: where a verb does not hold, the rule's own condition is nobody's business.
    const own = truth(cover.when)
    if (applies(rule.effect, own === 'no' ? 'no' : both(own, truth(rule.when)))) matched.set(order, rule)
  }
  return [...matched].sort(([a], [b]) => a - b).map(([, rule]) => rule)
}

// A condition that cannot be evaluated may restrict, never permit: skipping a broken `deny` would open the door.
function applies(effect: Effect, truth: Truth): boolean {
  return truth === 'yes' || (truth !== 'no' && effect !== 'allow')
}

function decision(effect: Effect, rules: readonly Rule[]): Decision {
  const reasons = rules.map((rule) => rule.reason).filter((reason) => reason !== null)
  const found = { effect, rules: rules.map((rule) => rule.ref), why: whyOf(effect, rules.length), reasons }
  return effect === 'ask' ? { ...found, demand: mergeTerms(rules) } : found
}

function whyOf(effect: Effect, count: number): string {
  if (effect === 'allow') return 'all allow'
  if (effect === 'ask') return count === 1 ? 'one asks' : `${count} ask`
  return count === 1 ? 'one denies' : `${count} deny`
}

function refusal(why: string): Decision {
  return { effect: 'deny', rules: [], why, reasons: [] }
}

function nameOf(call: Call): string {
  return call.kind === 'resource' ? call.uri : call.name
}

const CALLED = {
  tool: 'tool',
  resource: 'resource',
  prompt: 'prompt',
  serverRequest: 'server request',
} as const
const SHOWN_CHARACTERS = 200

function described(call: Call): string {
  const name = nameOf(call)
  const shown = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name
  return `the ${CALLED[call.kind]} \`${visible(shown)}\``
}
