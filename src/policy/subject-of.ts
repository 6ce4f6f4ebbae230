import type { SignIn } from '../sign-in.ts'
import type { Subject } from '../subject.ts'
import { claimsContext } from './grant-context.ts'
import { humanClaims } from './human-claims.ts'
import type { Policy } from './policy.ts'

/** Who a sign-in is under a policy, or why it is nobody. */
export type SubjectFound =
  | { readonly ok: true; readonly subject: Subject }
  | {
      readonly ok: false
      /** One clause for people. */
      readonly why: string
      /** What to type or to ask for. */
      readonly hint: string
    }

/**
 * Says who a sign-in is under a policy: its groups and email as the policy reads the claims. Only a sign-in of the issuer
 * and client that the policy names counts. Claims of a wrong type are refused, never read as something else.
 */
export function subjectOf(signIn: SignIn, policy: Policy): SubjectFound {
  const { sub, iss } = signIn.claims
  if (policy.identity === null || policy.claims === null)
    return refused(
      'this policy asks nobody to sign in',
      'add `identity` to the policy, or sign in for another one',
    )
  if (typeof sub !== 'string' || sub === '')
    return refused('the sign-in does not say who it is (`sub`)', 'run: hoopctl login')
  if (iss !== undefined && iss !== signIn.issuer)
    return refused('the token names another issuer than the sign-in', 'run: hoopctl login')
  return signIn.kind === 'workload'
    ? workloadOf(signIn, sub, policy.claims.workloads)
    : humanOf(signIn, sub, { identity: policy.identity, claims: policy.claims })
}

type SigningIn = { readonly [key in 'identity' | 'claims']: NonNullable<Policy[key]> }

function humanOf({ issuer, clientId, claims }: SignIn, sub: string, policy: SigningIn): SubjectFound {
  const { identity } = policy
  if (issuer !== identity.issuer || clientId !== identity.clientId) {
    const why = `the sign-in is one of \`${clientId}\` at ${issuer}, and this policy asks for \`${identity.clientId}\` at ${identity.issuer}`
    return refused(why, 'run: hoopctl login')
  }
  const human = humanClaims(claims, policy.claims)
  if (!human.ok) return human
  const { email, groups } = human
  return { ok: true, subject: { issuer, sub, email, groups, kind: 'human', claims } }
}

function workloadOf(
  { issuer, clientId, claims }: SignIn,
  sub: string,
  workloads: NonNullable<Policy['claims']>['workloads'],
): SubjectFound {
  const named = workloads.filter((entry) => entry.issuer === issuer && entry.audience === clientId)
  const ask = 'ask for an entry under `identity.workloads` of the policy'
  if (named.length === 0)
    return refused(`the policy names no workloads of ${issuer} for \`${clientId}\``, ask)
  const context = claimsContext(claims)
  // As with an allow: a condition that fails lets nobody in.
  const held = named.filter(({ when }) => when === null || when.judge(context) === 'yes')
  if (held.length === 0) {
    return refused(`no condition under \`identity.workloads\` holds for this token of ${issuer}`, ask)
  }
  const groups = [...new Set(held.flatMap((entry) => entry.groups))]
  return { ok: true, subject: { issuer, sub, email: null, groups, kind: 'workload', claims } }
}

function refused(
  why: string,
  hint: string,
): { readonly ok: false; readonly why: string; readonly hint: string } {
  return { ok: false, why, hint }
}
