import type { Grant } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import { type Cover, includes, isUnconditional, type Rule } from './rule.ts'

interface Deny {
  readonly rule: Rule
  readonly cover: Cover
}

// A file of megabytes may hold so many rules that comparing each with each takes minutes; then this check stops early.
const MAX_COMPARISONS = 2_000_000

/** Looks at all rules together: those that another takes everything from are errors, what looks careless is a warning. */
export function checkRules(rules: readonly Rule[], grants: readonly Grant[], problems: ProblemList): void {
  const budget = { left: MAX_COMPARISONS }
  const denies = deniesOf(rules)
  for (const rule of rules) refuseShadowed(rule, denies, problems, budget)
  for (const grant of grants) {
    const all = [...denies, ...deniesOf(grant.rules)]
    for (const rule of grant.rules) refuseShadowed(rule, all, problems, budget)
  }
  const every = [...rules, ...grants.flatMap((grant) => grant.rules)]
  for (const rule of every) warnOf(rule, problems)
  // A rule with an error was left out, so only a policy without one can be said to give nothing.
  if (!problems.hasErrors && !every.some(({ effect }) => effect !== 'deny')) {
    problems.warn(0, 'no rule of this policy allows or asks: every call is denied')
  }
}

function deniesOf(rules: readonly Rule[]): Deny[] {
  const denies = rules.filter(({ effect }) => effect === 'deny')
  return denies.flatMap((rule) =>
    rule.covers.filter((cover) => isUnconditional(rule, cover)).map((cover) => ({ rule, cover })),
  )
}

function refuseShadowed(
  rule: Rule,
  denies: readonly Deny[],
  problems: ProblemList,
  budget: { left: number },
): void {
  if (rule.effect === 'deny' || rule.covers.length === 0) return
  let by: Rule | null = null
  for (const cover of rule.covers) {
    budget.left -= denies.length
    if (budget.left < 0) return
    const deny = denies.find(
      (candidate) =>
        candidate.rule.kind === rule.kind &&
        (candidate.cover.server === null || candidate.cover.server === cover.server) &&
        includes(candidate.cover.pattern, cover.pattern, rule.kind),
    )
    if (deny === undefined) return
    by = deny.rule
  }
  if (by !== null) {
    problems.at(
      rule.offset,
      `\`${rule.ref}\` can never matter: \`${by.ref}\` denies all that it matches`,
      'delete one of the two',
    )
  }
}

function warnOf(rule: Rule, problems: ProblemList): void {
  if (rule.effect !== 'allow') return
  if (rule.kind === 'serverRequest' && rule.covers.some(({ pattern }) => pattern.matches('sampling'))) {
    problems.warn(
      rule.offset,
      `\`${rule.ref}\` lets the server write prompts for the client's model (sampling)`,
    )
  }
  const reads = rule.when?.reads
  if (
    reads?.has('tool.annotations') &&
    [...reads].every((name) => name === 'tool' || name === 'tool.annotations')
  ) {
    const message = `\`${rule.ref}\` trusts nothing but what the server says of its own tools`
    problems.warn(rule.offset, message, 'name the tools, or ask instead of allow')
  }
  const everyTool = rule.covers.some((cover) => cover.pattern.all && isUnconditional(rule, cover))
  if (rule.kind === 'tool' && everyTool) {
    problems.warn(rule.offset, `\`${rule.ref}\` allows every tool, those too that the server will get later`)
  }
}
