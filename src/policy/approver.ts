import type { Approver } from '../approval.ts'
import { instantOfSeconds } from '../epoch-seconds.ts'
import type { Claims } from '../sign-in.ts'
import { humanClaims } from './human-claims.ts'
import type { Policy } from './policy.ts'

interface Refused {
  readonly ok: false
  /** One clause for people. */
  readonly why: string
  /** What to type or to ask for. */
  readonly hint: string
}

/** Who answered under a policy, or why it is nobody. */
export type ApproverFound = { readonly ok: true; readonly approver: Approver } | Refused

/** Whose key it is under a policy, or that it is nobody's. */
export type KeyFound =
  | {
      readonly ok: true
      readonly approver: Approver
      /** Must the signature say that the device verified its user? */
      readonly verifyRequired: boolean
    }
  | Refused

/**
 * Says who answered by a fresh sign-in. `claims` are those of an ID token of `identity.approvals` whose signature,
 * audience, nonce and times were verified; what they mean is the policy's to say.
 */
export function approverOfClaims(
  claims: Claims,
  { identity, claims: rules }: Pick<Policy, 'identity' | 'claims'>,
): ApproverFound {
  if (identity === null || identity.approvals === null || rules === null) {
    const why = 'this policy has no client at which answers are proven'
    return refused(why, 'ask for `identity.approvals` in the policy')
  }
  const { iss, sub, auth_time: signedIn } = claims
  if (iss !== identity.issuer) {
    return refused('the token is of another issuer than the policy asks for', `sign in at ${identity.issuer}`)
  }
  const provider = 'ask whoever runs the identity provider'
  if (typeof sub !== 'string' || sub === '')
    return refused('the token does not say who it is (`sub`)', provider)
  const authTime = instantOfSeconds(signedIn)
  if (signedIn !== undefined && authTime === null)
    return refused('the claim `auth_time` is no point in time', provider)
  const human = humanClaims(claims, rules)
  if (!human.ok) return human
  const { email, groups } = human
  return { ok: true, approver: { issuer: identity.issuer, sub, email, groups, authTime } }
}

/**
 * Says whose SSH key it is: `key` is written as in an authorized_keys file, and its type and its base64 are compared. The
 * email and the groups are those that the policy vouches for.
 */
export function approverOfKey(key: string, { people }: Pick<Policy, 'people'>): KeyFound {
  const [type, base64] = key.trim().split(/\s+/u)
  for (const { issuer, sub, email, groups, keys } of people) {
    const own = keys.find((each) => each.type === type && each.base64 === base64)
    if (own === undefined) continue
    const approver = { issuer, sub, email, groups, authTime: null }
    return { ok: true, approver, verifyRequired: own.verifyRequired }
  }
  return refused('this key belongs to nobody under this policy', 'ask for it under `people` of the policy')
}

function refused(why: string, hint: string): Refused {
  return { ok: false, why, hint }
}
