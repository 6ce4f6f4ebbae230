import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { Secret } from '../secret.ts'
import type { Claims } from '../sign-in.ts'
import { discoverProvider, type Provider } from './provider.ts'
import { readJwt } from './read-jwt.ts'
import { signInFailed } from './sign-in-failed.ts'
import { verifyIdToken } from './verify-id-token.ts'
import { unnamed } from './workload-source.ts'

/** A workload's token, verified against an issuer and audience that the policy names. */
export interface WorkloadToken {
  readonly issuer: string
  readonly audience: string
  readonly claims: Claims
}

/** What verifying needs. */
export interface WorkloadCheck {
  readonly workloads: IdentitySettings['workloads']
  /** Was it given for client credentials? Then it may be an access token (RFC 9068). */
  readonly accessToken: boolean
  readonly discover: (issuer: string) => Promise<Provider>
  readonly now: Date
}

/** Verifies a workload's token. Throws SIGN_IN_FAILED, with what does not hold, or UNREACHABLE. */
export async function verifyWorkloadToken(token: Secret, check: WorkloadCheck): Promise<WorkloadToken> {
  const { workloads, accessToken, discover, now } = check
  const read = readJwt(token.reveal())
  if (!read.ok) throw signInFailed(`the workload’s token is refused: ${read.why}`, WORKLOAD_HINT)
  const { iss, aud } = read.jwt.claims
  const ofIssuer = workloads.filter(({ issuer }) => issuer === iss)
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const named = ofIssuer.find(({ audience }) => audiences.includes(audience)) ?? ofIssuer[0]
  if (named === undefined) throw unnamed(typeof iss === 'string' ? iss.slice(0, 200) : 'nobody')
  const types = accessToken ? ['JWT', 'at+jwt'] : ['JWT']
  const provider = await discover(named.issuer)
  const expected = { provider, clientId: named.audience, anyParty: true, types, now }
  const claims = await verifyIdToken(token.reveal(), expected)
  return { issuer: named.issuer, audience: named.audience, claims }
}

/** What helps where a workload's token is not as the policy wants it. */
export const WORKLOAD_HINT = 'compare the token’s issuer and audience with `identity.workloads` of the policy'

/** Discovers each issuer once an hour: keys are looked after by themselves. */
export function discoverOnce(http: HttpClient, now: () => Date): (issuer: string) => Promise<Provider> {
  const known = new Map<string, { readonly provider: Provider; readonly at: number }>()
  return async (issuer) => {
    const found = known.get(issuer)
    const age = found === undefined ? Infinity : now().getTime() - found.at
    if (found !== undefined && age >= 0 && age < 3600_000) return found.provider
    const provider = await discoverProvider(issuer, http)
    known.set(issuer, { provider, at: now().getTime() })
    return provider
  }
}
