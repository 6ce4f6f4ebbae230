import type { HttpClient } from '../http.ts'
import type { Secret } from '../secret.ts'
import type { Provider } from './provider.ts'
import { openClient } from './provider-client.ts'
import { providerFault } from './provider-fault.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** A refresh token to be revoked. */
export interface Revocation {
  readonly provider: Provider
  readonly clientId: string
  readonly refreshToken: Secret
  readonly http: HttpClient
  readonly now: () => Date
}

/** Revokes a refresh token at the provider, and with it the sign-in (RFC 7009). Throws SIGN_IN_FAILED, UNREACHABLE. */
export async function revokeTokens({ refreshToken, ...client }: Revocation): Promise<void> {
  const { issuer, revocationEndpoint } = client.provider
  if (revocationEndpoint === null) {
    throw signInFailed(`\`${issuer}\` cannot revoke tokens: they run out by themselves`, ASK_OPERATOR)
  }
  try {
    const { oidc, config } = await openClient({ ...client, retries: 2 })
    await oidc.tokenRevocation(config, refreshToken.reveal(), { token_type_hint: 'refresh_token' })
  } catch (cause) {
    throw providerFault(cause, issuer)
  }
}
