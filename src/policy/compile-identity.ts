import { DEFAULT_MAX_AGE_MS, type IdentitySettings } from '../identity-settings.ts'
import { compileTime } from './compile-time.ts'
import { compileWhen, type WhenTools } from './compile-when.ts'
import type { ClaimRules, WorkloadRule } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { IdentityInFile } from './schema-identity.ts'
import { isHttps } from './web-address.ts'
import type { YamlPath } from './yaml-node.ts'

// Not `groups`: some issuers (Google) refuse a sign-in that asks for a scope which they do not know.
const DEFAULT_SCOPES: readonly string[] = ['openid', 'email', 'offline_access']

/** Compiles `identity`: what a sign-in needs to know, and what its claims mean. What is wrong with it is noted. */
export function compileIdentity(
  identity: IdentityInFile,
  tools: WhenTools,
): { readonly settings: IdentitySettings; readonly claims: ClaimRules } {
  const { problems } = tools
  checkIssuer(identity.issuer, ['identity', 'issuer'], problems)
  checkClients(identity, problems)
  const scopes = identity.scopes ?? DEFAULT_SCOPES
  if (!scopes.includes('openid')) {
    problems.atValue(
      ['identity', 'scopes'],
      'without the scope `openid` an issuer signs nobody in',
      'add `openid`',
    )
  }
  const workloads = (identity.workloads ?? []).map((_, index) => compileWorkload(identity, index, tools))
  const pairs = new Map(
    workloads.map(({ issuer, audience }) => [JSON.stringify([issuer, audience]), { issuer, audience }]),
  )
  return {
    settings: {
      issuer: identity.issuer,
      clientId: identity.clientId,
      scopes,
      redirectPort: identity.redirectPort ?? null,
      maxAgeMs: compileTime(identity.maxAge, ['identity', 'maxAge'], problems) ?? DEFAULT_MAX_AGE_MS,
      approvals: identity.approvals === undefined ? null : compileApprovalsClient(identity.approvals),
      workloads: [...pairs.values()],
    },
    claims: {
      groupsClaim: identity.groups?.claim ?? 'groups',
      groupNames: new Map(Object.entries(identity.groups?.map ?? {})),
      workloads,
    },
  }
}

function compileApprovalsClient({
  clientId,
  acrValues = [],
  keys,
}: NonNullable<IdentityInFile['approvals']>): IdentitySettings['approvals'] {
  // Each member of a key is a text, or not there.
  const vouched = keys?.map((key) => Object.fromEntries(Object.entries(key)))
  return { clientId, acrValues, ...(vouched === undefined ? {} : { keys: vouched }) }
}

// A token of the second client is a receipt. If one were a sign-in too, whoever holds a receipt could be its giver.
function checkClients({ clientId, approvals }: IdentityInFile, problems: ProblemList): void {
  if (approvals?.clientId !== clientId) return
  const message = '`approvals.clientId` is the client that people sign in with: a receipt would be a sign-in'
  problems.atValue(['identity', 'approvals', 'clientId'], message, 'register a second client with the issuer')
}

function compileWorkload(
  { issuer, clientId, approvals, workloads = [] }: IdentityInFile,
  index: number,
  tools: WhenTools,
): WorkloadRule {
  const path = ['identity', 'workloads', index]
  const { problems } = tools
  const written = workloads[index] ?? { issuer: '', audience: '' }
  checkIssuer(written.issuer, [...path, 'issuer'], problems)
  if (written.issuer === issuer && [clientId, approvals?.clientId].includes(written.audience)) {
    const message = `tokens of \`${written.audience}\` are people's: a person would pass for a workload`
    problems.atValue([...path, 'audience'], message, 'give workloads an audience of their own')
  }
  if (written.when === undefined) {
    const message = `whoever has a token of this issuer for \`${written.audience}\` is let in`
    problems.warn(
      problems.offset(path),
      message,
      'say which with `when`, such as `claims.repository == "acme/orders"`',
    )
  }
  return {
    issuer: written.issuer,
    audience: written.audience,
    groups: written.groups ?? [],
    when: written.when === undefined ? null : compileWhen(written.when, [...path, 'when'], 'workload', tools),
  }
}

// OpenID Connect Discovery 1.0, section 3: https, no query, no fragment.
function checkIssuer(issuer: string, path: YamlPath, problems: ProblemList): void {
  const hint = 'write it as the issuer does in its tokens, like `https://login.example.com`'
  const url = URL.parse(issuer)
  if (url === null) return problems.atValue(path, `\`${issuer}\` is no URL`, hint)
  if (!isHttps(url)) {
    return problems.atValue(path, 'an issuer has an https URL; plain http is for one on this machine', hint)
  }
  if (/[?#@\s]/u.test(issuer) || url.username !== '') {
    problems.atValue(path, 'the URL of an issuer has no user, query or fragment', hint)
  }
}
