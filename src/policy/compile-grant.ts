import { checkKeyProof } from './check-proof.ts'
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
      activate: compileActivate(grant, path, setting),
      listed: grant.listed ?? 'available',
      duration: compileDuration(grant, path, setting),
      uses: grant.uses ?? null,
      rules: compileRules(rules, { path: [...path, 'rules'], ref: `grants.${name}`, server }, setting),
    }
  })
}

function compileActivate(
  { activate = {} }: GrantInFile,
  path: YamlPath,
  setting: RuleTools,
): Grant['activate'] {
  const { problems, signed, approvalsClient } = setting
  const mode = activate.mode ?? 'request'
  // What starts with `wrap` starts without a question, so there is nothing to prove.
  const proof = activate.proof ?? (signed && mode !== 'session' ? 'oidc' : 'terminal')
  const at = activate.proof === undefined ? [...path, 'name'] : [...path, 'activate', 'proof']
  if (proof === 'oidc' && !approvalsClient) {
    const how =
      activate.proof === undefined ? 'in a signed policy a grant is' : 'a grant with `proof: oidc` is'
    const other = mode === 'approval' ? '`proof: key`, with `people`' : '`proof: terminal`'
    const hint = `add \`approvals: { clientId: … }\` to \`identity\`, or say ${other}`
    problems.atValue(at, `${how} proven at \`identity.approvals\`, which there is not`, hint)
  }
  if (proof === 'key' && mode !== 'session') checkKeyProof(at, setting)
  if (proof === 'terminal' && mode === 'approval') {
    const message = 'a second person agrees, and `proof: terminal` does not show who it was'
    problems.atValue([...path, 'activate', 'mode'], message, 'write `proof: oidc` or `proof: key` beside it')
  }
  return { mode, reason: activate.reason ?? 'optional', proof }
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
