import { type Effect, SERVER_REQUESTS } from '../decision.ts'
import { addressPattern } from './address-pattern.ts'
import type { ProofSetting } from './check-proof.ts'
import { compileTerms } from './compile-terms.ts'
import { compileWhen, type WhenTools } from './compile-when.ts'
import { namePattern, type Pattern } from './name-pattern.ts'
import { didYouMean } from './near-miss.ts'
import type { ProblemList } from './problem-list.ts'
import type { Cover, MatcherKind, Rule } from './rule.ts'
import type { MatcherInFile, RuleInFile } from './schema-rule.ts'
import type { YamlPath } from './yaml-node.ts'

/** What a verb of a server covers. */
export type Verbs = ReadonlyMap<string, ReadonlyMap<string, readonly Cover[]>>

/** What rules are compiled with. */
export interface RuleTools extends WhenTools, ProofSetting {
  /** Every server of the policy with its verbs. */
  readonly verbs: Verbs
}

/** The list that a rule stands in. */
export interface RuleList {
  readonly path: YamlPath
  /** `rules`, or `grants.orders-read`. */
  readonly ref: string
  /** The grant's server; null for the policy's own rules. */
  readonly server: string | null
}

const EFFECTS = ['allow', 'ask', 'deny'] as const
const MATCHERS = ['tool', 'verb', 'resource', 'prompt', 'serverRequest'] as const

/** Compiles a list of rules; those with something wrong are left out, and what it is is noted. */
export function compileRules(rules: readonly RuleInFile[], list: RuleList, tools: RuleTools): Rule[] {
  const names = new Set<string>()
  return rules.flatMap((rule, index) => {
    if (rule.name !== undefined) {
      if (names.has(rule.name))
        tools.problems.atValue([...list.path, index, 'name'], `two rules here are called \`${rule.name}\``)
      names.add(rule.name)
    }
    const compiled = compileRule(rule, index, list, tools)
    return compiled === null ? [] : [compiled]
  })
}

/** Compiles one rule; null where something is wrong, which is then noted. */
function compileRule(rule: RuleInFile, index: number, list: RuleList, tools: RuleTools): Rule | null {
  const path = [...list.path, index]
  const effect = onlyOne(rule, EFFECTS, path, 'rule', tools.problems)
  const matcher = effect === null ? undefined : rule[effect]
  if (effect === null || matcher === undefined) return null
  const at = [...path, effect]
  const by = onlyOne(matcher, MATCHERS, at, 'matcher', tools.problems)
  if (by === null) return null
  const kind: MatcherKind = by === 'verb' ? 'tool' : by
  const servers = serversOf(matcher, at, list, tools)
  const covers =
    by === 'verb' ? verbCovers(matcher, at, servers, tools) : plainCovers(matcher, by, at, servers, tools)
  const ask = compileAsk(rule, effect, path, tools)
  const when = rule.when === undefined ? null : compileWhen(rule.when, [...path, 'when'], kind, tools)
  if (rule.when !== undefined && when === null) return null
  return {
    effect,
    ref: refOf(rule, index, list),
    reason: rule.reason ?? null,
    kind,
    covers,
    when,
    ask,
    offset: tools.problems.offset(path),
    line: tools.problems.line(path),
  }
}

function compileAsk({ approval }: RuleInFile, effect: Effect, path: YamlPath, tools: RuleTools): Rule['ask'] {
  if (effect === 'ask') return compileTerms(approval, path, tools)
  if (approval !== undefined) {
    const message = '`approval` is about rules that ask, and this one does not'
    tools.problems.atKey(
      [...path, 'approval'],
      message,
      `write \`ask\` in place of \`${effect}\`, or delete it`,
    )
  }
  return null
}

/** Compiles patterns over names or addresses; those that are wrong are left out and among the problems. */
export function compilePatterns(
  written: string | readonly string[],
  kind: MatcherKind,
  path: YamlPath,
  problems: ProblemList,
): Pattern[] {
  const texts = typeof written === 'string' ? [written] : written
  return texts.flatMap((text, index) => {
    const at = typeof written === 'string' ? path : [...path, index]
    if (kind === 'resource') {
      const { pattern, why } = addressPattern(text)
      if (pattern === null) problems.atValue(at, `the pattern \`${text}\` is not in normal form: ${why}`)
      return pattern === null ? [] : [pattern]
    }
    const pattern = namePattern(text)
    if (kind === 'serverRequest' && !SERVER_REQUESTS.some((name) => pattern.matches(name))) {
      const message = `no server request is called \`${text}\`${didYouMean(text, SERVER_REQUESTS)}`
      problems.atValue(at, message, `there are ${SERVER_REQUESTS.join(', ')}`)
    }
    return [pattern]
  })
}

/** Notes that there is no server of this name. */
export function unknownServer(
  server: string,
  path: YamlPath,
  { problems, verbs }: Pick<RuleTools, 'problems' | 'verbs'>,
): void {
  problems.atValue(path, `there is no server \`${server}\`${didYouMean(server, verbs.keys())}`)
}

function onlyOne<const K extends string>(
  value: { readonly [key in K]?: unknown },
  keys: readonly K[],
  path: YamlPath,
  what: string,
  problems: ProblemList,
): K | null {
  const [first, second] = keys.filter((key) => value[key] !== undefined)
  if (first !== undefined && second === undefined) return first
  const choice = keys.map((key) => `\`${key}\``).join(', ')
  if (first === undefined) problems.atValue(path, `this ${what} has none of ${choice}: it needs exactly one`)
  if (second !== undefined)
    problems.atKey(
      [...path, second],
      `this ${what} has \`${first}\` and \`${second}\`: it needs exactly one of ${choice}`,
    )
  return null
}

function serversOf(
  { server }: MatcherInFile,
  at: YamlPath,
  list: RuleList,
  { problems, verbs }: RuleTools,
): readonly (string | null)[] {
  if (server === undefined) return [list.server]
  const named = typeof server === 'string' ? [server] : server
  named.forEach((name, index) => {
    const path = typeof server === 'string' ? [...at, 'server'] : [...at, 'server', index]
    if (list.server !== null && name !== list.server) {
      problems.atValue(
        path,
        `in a grant on \`${list.server}\` a rule cannot be about \`${name}\``,
        'leave `server` out',
      )
    } else if (!verbs.has(name)) {
      problems.atValue(path, `there is no server \`${name}\`${didYouMean(name, verbs.keys())}`)
    }
  })
  return [...new Set(named)]
}

function plainCovers(
  matcher: MatcherInFile,
  kind: MatcherKind,
  at: YamlPath,
  servers: readonly (string | null)[],
  { problems }: RuleTools,
): Cover[] {
  const patterns = compilePatterns(matcher[kind] ?? [], kind, [...at, kind], problems)
  return servers.flatMap((server) => patterns.map((pattern): Cover => ({ server, pattern, when: null })))
}

function verbCovers(
  matcher: MatcherInFile,
  at: YamlPath,
  servers: readonly (string | null)[],
  { problems, verbs }: RuleTools,
): Cover[] {
  const written = matcher.verb ?? []
  const names = typeof written === 'string' ? [written] : written
  return names.flatMap((verb, index) => {
    const path = typeof written === 'string' ? [...at, 'verb'] : [...at, 'verb', index]
    // A rule without a server is about each server that has the verb, and one at least must.
    const all = [...verbs.keys()].filter((name) => verbs.get(name)?.has(verb))
    const meant = servers.flatMap((server) => (server === null ? all : [server]))
    if (meant.length === 0) {
      const known = [...verbs.values()].flatMap((ofServer) => [...ofServer.keys()])
      problems.atValue(path, `no server has a verb \`${verb}\`${didYouMean(verb, known)}`)
    }
    return meant.flatMap((server) => {
      const ofServer = verbs.get(server)
      const covers = ofServer?.get(verb)
      if (ofServer !== undefined && covers === undefined) {
        problems.atValue(
          path,
          `the server \`${server}\` has no verb \`${verb}\`${didYouMean(verb, ofServer.keys())}`,
        )
      }
      return covers ?? []
    })
  })
}

function refOf({ name }: RuleInFile, index: number, { ref, server }: RuleList): string {
  if (name !== undefined) return `${ref}.${name}`
  return server === null ? `${ref}[${index}]` : `${ref}.rules[${index}]`
}
