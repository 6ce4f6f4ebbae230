import type { Claims } from '../sign-in.ts'
import type { ClaimRules } from './policy.ts'

/** The groups of a sign-in in the policy's words, or why they cannot be told. */
export type FoundGroups =
  | { readonly ok: true; readonly value: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly hint: string }

/** Reads the groups out of claims and calls them what the policy calls them. A claim that is not there means no groups. */
export function groupsIn(claims: Claims, rules: ClaimRules): FoundGroups {
  const { groupsClaim, groupNames } = rules
  if (isOverage(claims, groupsClaim)) return { ok: false, why: OVERAGE, hint: OVERAGE_HINT }
  const found = follow(claims, groupsClaim)
  if (found === ABSENT) return { ok: true, value: [] }
  if (!Array.isArray(found) || !found.every((group) => typeof group === 'string')) {
    const why = `the claim \`${groupsClaim}\` is not a list of texts, so nobody knows the groups`
    return {
      ok: false,
      why,
      hint: 'mend `identity.groups.claim` in the policy, or the mapper of the identity provider',
    }
  }
  return { ok: true, value: [...new Set(found.map((group: string) => groupNames.get(group) ?? group))] }
}

const OVERAGE =
  'the identity provider left the groups out of the token, because there are too many (Entra calls it overage)'
const OVERAGE_HINT =
  'use app roles (`identity.groups.claim: roles`), or let the provider send only the groups assigned to the application'

/**
 * Entra leaves out the groups of somebody who has more than about 200, and says where else they are. They are fetched
 * from nowhere: without them the person would seem to be in none.
 */
function isOverage(claims: Claims, claim: string): boolean {
  const [first = ''] = claim.split('.')
  const elsewhere = own(claims, '_claim_names')
  if (isObject(elsewhere)) {
    if (Object.hasOwn(elsewhere, claim) || Object.hasOwn(elsewhere, first)) return true
  } else if (elsewhere !== ABSENT) return true
  if (first !== 'groups' || own(claims, claim) !== ABSENT) return false
  const has = own(claims, 'hasgroups')
  return (has !== ABSENT && has !== false) || own(claims, '_claim_sources') !== ABSENT
}

const ABSENT = Symbol('absent')
const WRONG = Symbol('wrong')

/**
 * Follows a path such as `realm_access.roles`. Names of claims may hold dots (`https://acme.example/roles`), so the
 * whole is looked for first, then what comes before each dot.
 */
function follow(value: Readonly<Record<string, unknown>>, path: string): unknown {
  const exact = own(value, path)
  if (exact !== ABSENT) return exact
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const inner = own(value, path.slice(0, dot))
    if (inner === ABSENT) continue
    const found = isObject(inner) ? follow(inner, path.slice(dot + 1)) : WRONG
    if (found !== ABSENT) return found
  }
  return ABSENT
}

// What a prototype has (`constructor`) is no claim.
function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : ABSENT
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
