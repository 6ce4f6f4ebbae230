import { compileActivate } from './compile-activate.ts'
import { compileRules, type RuleTools, unknownServer } from './compile-rule.ts'
import { compileTime } from './compile-time.ts'
import { compileWhen } from './compile-when.ts'
import { compileWho } from './compile-who.ts'
import type { Grant } from './policy.ts'
import type { GrantInFile } from './schema-grant.ts'
import type { YamlPath } from './yaml-node.ts'

const DEFAULT_DURATION_MS = 30 * 60_000

/** Compiles the grants of a file; what is wrong with them is noted. */
export function compileGrants(grants: readonly GrantInFile[], setting: RuleTools): Grant[] {
  const names = new Set<string>()
  return grants.map((grant, index) => {
    const path = ['grants', index]
    const { name, server, rules } = grant
    const { problems, verbs } = setting
    if (names.has(name)) problems.atValue([...path, 'name'], `two grants are called \`${name}\``)
    names.add(name)
    if (!verbs.has(server)) unknownServer(server, [...path, 'server'], setting)
    return {
      name,
      server,
      who: compileWho(grant.who, [...path, 'who'], problems),
      when: grant.when === undefined ? null : compileWhen(grant.when, [...path, 'when'], 'grant', setting),
      activate: compileActivate(grant.activate, path, setting),
      listed: grant.listed ?? 'available',
      duration: compileDuration(grant, path, setting),
      uses: compileUses(grant, path, setting),
      rules: compileRules(rules, { path: [...path, 'rules'], ref: `grants.${name}`, server }, setting),
    }
  })
}

// A session starts with its client, as often as anybody likes: what is counted anew each time is not limited.
function compileUses(
  { uses, activate }: GrantInFile,
  path: YamlPath,
  { problems }: RuleTools,
): number | null {
  if (uses === undefined) return null
  if (activate?.mode === 'session') {
    const message =
      '`uses` is for what a person asks for: a grant of mode `session` starts anew with each session'
    problems.atValue([...path, 'uses'], message, 'use `mode: request`, or leave `uses` out')
  }
  return uses
}

function compileDuration(
  { duration = {}, activate }: GrantInFile,
  path: YamlPath,
  { problems }: RuleTools,
): Grant['duration'] {
  const named = compileTime(duration.default, [...path, 'duration', 'default'], problems)
  const most = compileTime(duration.max, [...path, 'duration', 'max'], problems)
  if (named !== null && most !== null && named > most) {
    const message = `the default \`${duration.default}\` is longer than the max \`${duration.max}\``
    problems.atValue([...path, 'duration', 'default'], message, 'raise `max`, or lower `default`')
  }
  const maxMs = most ?? named ?? DEFAULT_DURATION_MS
  if (activate?.mode === 'session' && named === null) return { defaultMs: most, maxMs }
  return { defaultMs: Math.min(named ?? DEFAULT_DURATION_MS, maxMs), maxMs }
}
