import type { Claims } from '../sign-in.ts'
import { groupsIn } from './group-claim.ts'
import type { ClaimRules } from './policy.ts'

/** What the claims of a person say beside who it is, or why they cannot be read. */
export type HumanClaims =
  | { readonly ok: true; readonly email: string | null; readonly groups: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly hint: string }

/** Reads the verified email and the groups, in the policy's words. Claims of a wrong type are refused, never read as something else. */
export function humanClaims(claims: Claims, rules: ClaimRules): HumanClaims {
  const { email, email_verified: verified } = claims
  if (email !== undefined && email !== null && typeof email !== 'string') {
    return {
      ok: false,
      why: 'the claim `email` is not a text',
      hint: 'ask whoever runs the identity provider',
    }
  }
  const groups = groupsIn(claims, rules)
  if (!groups.ok) return groups
  // An address that its issuer has not verified is whatever its owner typed.
  return { ok: true, email: verified === true && email ? email : null, groups: groups.value }
}
