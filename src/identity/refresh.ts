import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { Secret } from '../secret.ts'
import type { Provider } from './provider.ts'
import { requestTokens } from './request-tokens.ts'
import type { Tokens } from './tokens.ts'

/** How a renewal went: `kept` holds the old claims, with the refresh token that counts now, and why they were not confirmed. */
export type Refreshed =
  | { readonly kind: 'renewed'; readonly tokens: Tokens }
  | { readonly kind: 'ended' }
  | { readonly kind: 'kept'; readonly tokens: Tokens; readonly fault: HoopctlError }

/** A renewal of claims. */
export interface Refresh {
  readonly tokens: Tokens
  readonly refreshToken: Secret
  readonly provider: Provider
  readonly http: HttpClient
  readonly now: () => Date
  /**
   * Keeps the old claims with the new refresh token: called as soon as it is here. The old one is void from then on, and
   * using it again would end the sign-in everywhere.
   */
  readonly onRotated: (tokens: Tokens) => Promise<void>
}

/**
 * Renews a sign-in (OpenID Connect Core 1.0, section 12): the answer's ID token must be about the same person; without one,
 * or one that does not hold, nothing is confirmed. `ended`: the provider no longer knows the sign-in (`invalid_grant`).
 */
export async function refreshTokens(refresh: Refresh): Promise<Refreshed> {
  const { tokens, refreshToken, provider, http, now } = refresh
  let latest = tokens
  let error: string | null = null
  const request = {
    provider,
    clientId: tokens.clientId,
    http,
    now,
    retries: 0, // nobody knows whether a request that broke had voided the token
    expected: { sub: String(tokens.claims['sub']) },
    onError: (answered: string) => {
      error = answered
    },
    onRefreshToken: async (rotated: Secret) => {
      latest = { ...tokens, refreshToken: rotated }
      await refresh.onRotated(latest)
    },
  }
  try {
    const granted = await requestTokens(request, ({ oidc, config }) =>
      oidc.refreshTokenGrant(config, refreshToken.reveal()),
    )
    const { idToken, claims } = granted
    return { kind: 'renewed', tokens: { ...latest, idToken, claims, confirmed: now() } }
  } catch (fault) {
    if (error === 'invalid_grant') return { kind: 'ended' }
    if (fault instanceof HoopctlError && FAULTS.includes(fault.code)) {
      return { kind: 'kept', tokens: latest, fault }
    }
    throw fault
  }
}

const FAULTS: readonly string[] = ['SIGN_IN_FAILED', 'UNREACHABLE']
