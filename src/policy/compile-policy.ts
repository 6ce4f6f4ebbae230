import { sha256 } from '../digest.ts'
import { checkRules } from './check-rules.ts'
import type { ConditionCompiler } from './compile-condition.ts'
import {
  compilePatterns,
  compileRule,
  compileWhen,
  type RuleList,
  type RuleTools,
  type Verbs,
} from './compile-rule.ts'
import { compileAudit, compileLimits } from './compile-settings.ts'
import { didYouMean } from './near-miss.ts'
import type { Grant, Policy, Server } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { Cover, Rule } from './rule.ts'
import type { PolicyFile, RuleInFile, ServerInFile } from './schema.ts'

/** What a policy file is, beside what it says. */
interface FileFacts {
  readonly path: string
  readonly bytes: Uint8Array
  readonly servers: ReadonlyMap<string, Server>
  readonly expires: Date | null
  /** Was this very file found sound before? Then the rules are not held against each other again. */
  readonly sound: boolean
  /** See `Policy`. */
  readonly ready: Policy['ready']
}

/** Compiles a file of the right shape; what is wrong with it is noted, and then the result must not be used. */
export function compilePolicy(
  file: PolicyFile,
  { path, bytes, servers, expires, sound, ready }: FileFacts,
  conditions: Pick<ConditionCompiler, 'compile'>,
  problems: ProblemList,
): Policy {
  const { metadata } = file
  const verbs = new Map(
    Object.entries(file.servers ?? {}).map(([name, server]) => [
      name,
      compileVerbs(name, server, { conditions, problems }),
    ]),
  )
  const tools = { problems, conditions, verbs }
  const rules = compileRules(file.rules ?? [], { path: ['rules'], ref: 'rules', server: null }, tools)
  const grants = compileGrants(file, tools)
  if (!sound) checkRules(rules, grants, problems)
  return {
    name: metadata.name,
    version: metadata.version ?? null,
    expires,
    digest: sha256(bytes),
    path,
    signed: false,
    ready,
    servers,
    grants,
    rules,
    limits: compileLimits(file.limits, problems),
    audit: compileAudit(file.audit),
  }
}

function compileVerbs(
  server: string,
  { verbs = {} }: ServerInFile,
  tools: Omit<RuleTools, 'verbs'>,
): ReadonlyMap<string, readonly Cover[]> {
  const compiled = Object.entries(verbs).map(([verb, entries]): [string, Cover[]] => {
    const covers = entries.flatMap((entry, index) => {
      const path = ['servers', server, 'verbs', verb, index]
      const when = entry.when === undefined ? null : compileWhen(entry.when, [...path, 'when'], 'tool', tools)
      const patterns = compilePatterns(entry.tool, 'tool', [...path, 'tool'], tools.problems)
      return patterns.map((pattern): Cover => ({ server, pattern, when }))
    })
    return [verb, covers]
  })
  return new Map(compiled)
}

function compileRules(rules: readonly RuleInFile[], list: RuleList, tools: RuleTools): Rule[] {
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

function compileGrants({ grants = [] }: PolicyFile, tools: RuleTools): Grant[] {
  const names = new Set<string>()
  return grants.map(({ name, server, rules }, index) => {
    const path = ['grants', index]
    if (names.has(name)) tools.problems.atValue([...path, 'name'], `two grants are called \`${name}\``)
    names.add(name)
    if (!tools.verbs.has(server)) unknownServer(server, [...path, 'server'], tools)
    return {
      name,
      server,
      rules: compileRules(rules, { path: [...path, 'rules'], ref: `grants.${name}`, server }, tools),
    }
  })
}

function unknownServer(
  server: string,
  path: readonly (string | number)[],
  { problems, verbs }: { problems: ProblemList; verbs: Verbs },
): void {
  problems.atValue(path, `there is no server \`${server}\`${didYouMean(server, verbs.keys())}`)
}
