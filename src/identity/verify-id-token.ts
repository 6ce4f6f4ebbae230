import type { Claims } from '../sign-in.ts'
import { type ClaimChecks, claimFault } from './claim-fault.ts'
import { headerFault } from './header-fault.ts'
import type { Provider } from './provider.ts'
import { readJwt } from './read-jwt.ts'
import { signInFailed } from './sign-in-failed.ts'

/** What a token must be. */
export interface TokenExpectation extends Omit<ClaimChecks, 'issuer'> {
  readonly provider: Provider
  /** `at+jwt` where a machine was given an access token (RFC 9068); by default ID tokens only. */
  readonly types?: readonly string[]
}

/**
 * Verifies an ID token wholly (OpenID Connect Core 1.0, section 3.1.3.7): form, algorithm, type, signature by a key that
 * the provider publishes, claims. Throws SIGN_IN_FAILED with the check that failed, never with the token; UNREACHABLE
 * where the keys cannot be had.
 */
export async function verifyIdToken(token: string, expected: TokenExpectation): Promise<Claims> {
  const { provider } = expected
  const refuse = (why: string) => signInFailed(`a token of \`${provider.issuer}\` is refused: ${why}`)
  const read = readJwt(token)
  if (!read.ok) throw refuse(read.why)
  const { header, claims } = read.jwt
  const badHeader = headerFault(header, provider.algorithms, expected.types ?? ['JWT'])
  if (badHeader !== null) throw refuse(badHeader)
  const badClaim = claimFault(claims, { ...expected, issuer: provider.issuer })
  if (badClaim !== null) throw refuse(badClaim)
  const alg = String(header['alg'])
  const kid = typeof header['kid'] === 'string' ? header['kid'] : null
  const jwk = await provider.keys.find({ alg, kid }, expected.now)
  if (!(await isSigned(token, jwk, alg))) throw refuse('its signature does not hold')
  return claims
}

async function isSigned(
  token: string,
  jwk: Readonly<Record<string, unknown>>,
  alg: string,
): Promise<boolean> {
  const { compactVerify, importJWK } = await import('jose')
  try {
    await compactVerify(token, await importJWK(jwk, alg), { algorithms: [alg] })
    return true
  } catch {
    return false // a key that is none, a signature of the wrong length: whatever the reason, it does not hold
  }
}
