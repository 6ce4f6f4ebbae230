import { compileRules, type RuleTools, unknownServer } from './compile-rule.ts'
import { compileTime } from './compile-time.ts'
import { compileWhen } from './compile-when.ts'
import type { Grant, Who } from './policy.ts'
import type { GrantInFile } from './schema-grant.ts'
import type { YamlPath } from './yaml-node.ts'

const DEFAULT_DURATION_MS = 30 * 60_000

/** What the grants of a policy depend on beside themselves. */
export interface GrantSetting extends RuleTools {
  readonly signed: boolean
  /** Has the policy a second client, at which a person can prove that they ask? */
  readonly approvalsClient: boolean
}

/** Compiles the grants of a file; what is wrong with them is noted. */
export function compileGrants(grants: readonly GrantInFile[], setting: GrantSetting): Grant[] {
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
      who: compileWho(grant, path, setting),
      when: grant.when === undefined ? null : compileWhen(grant.when, [...path, 'when'], 'grant', setting),
      activate: compileActivate(grant, path, setting),
      listed: grant.listed ?? 'available',
      duration: compileDuration(grant, path, setting),
      uses: grant.uses ?? null,
      rules: compileRules(rules, { path: [...path, 'rules'], ref: `grants.${name}`, server }, setting),
    }
  })
}

function compileWho({ who }: GrantInFile, path: YamlPath, { problems }: GrantSetting): Who {
  if (who === 'everyone') return who
  if (who.groups === undefined && who.emails === undefined) {
    const hint = 'name `groups` or `emails`, or write `who: everyone`'
    problems.atValue([...path, 'who'], '`who` names nobody', hint)
  }
  who.emails?.forEach((email, index) => {
    if (/^[^\s@]+@[^\s@]+$/u.test(email)) return
    problems.atValue(
      [...path, 'who', 'emails', index],
      `\`${email}\` is no email address`,
      'groups stand under `groups`',
    )
  })
  return { groups: who.groups ?? [], emails: who.emails ?? [] }
}

function compileActivate(
  { activate = {} }: GrantInFile,
  path: YamlPath,
  { problems, signed, approvalsClient }: GrantSetting,
): Grant['activate'] {
  const mode = activate.mode ?? 'request'
  // What starts with `wrap` starts without a question, so there is nothing to prove.
  const proof = activate.proof ?? (signed && mode !== 'session' ? 'oidc' : 'terminal')
  if (proof === 'oidc' && !approvalsClient) {
    const at = activate.proof === undefined ? [...path, 'name'] : [...path, 'activate', 'proof']
    const how =
      activate.proof === undefined ? 'in a signed policy a grant is' : 'a grant with `proof: oidc` is'
    const hint = 'add `approvals: { clientId: … }` to `identity`, or say `proof: terminal`'
    problems.atValue(at, `${how} proven at \`identity.approvals\`, which there is not`, hint)
  }
  return { mode, reason: activate.reason ?? 'optional', proof }
}

function compileDuration(
  { duration = {}, activate }: GrantInFile,
  path: YamlPath,
  { problems }: GrantSetting,
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
