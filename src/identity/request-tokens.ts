import type { HttpClient } from '../http.ts'
import { Secret } from '../secret.ts'
import type { Claims } from '../sign-in.ts'
import type { Provider } from './provider.ts'
import { openClient, type ProviderClient } from './provider-client.ts'
import { answeredError, providerFault } from './provider-fault.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'
import { type TokenExpectation, verifyIdToken } from './verify-id-token.ts'

/** One request for a person's tokens. */
export interface TokenRequest {
  readonly provider: Provider
  readonly clientId: string
  readonly http: HttpClient
  readonly now: () => Date
  readonly retries: number
  /** What the ID token must say beside issuer, audience and times. */
  readonly expected: Pick<TokenExpectation, 'nonce' | 'sub' | 'signedInSince'>
  /** Is told of a refresh token as soon as it is here, before anything is checked: the old one may be void already. */
  readonly onRefreshToken?: (token: Secret) => Promise<void>
  /** Is told the error that the provider answered with, by its name. */
  readonly onError?: (error: string) => void
}

/** What a provider gave, verified. */
export interface GrantedTokens {
  readonly idToken: Secret
  readonly claims: Claims
  readonly refreshToken: Secret | null
}

/**
 * Asks the token endpoint, and verifies the ID token in its answer before anyone reads it.
 * @param send makes the request that the library knows for the grant
 */
export async function requestTokens(
  request: TokenRequest,
  send: (client: ProviderClient) => Promise<unknown>,
): Promise<GrantedTokens> {
  const { provider, clientId, now, expected } = request
  let granted: GrantedTokens | null = null
  const onTokens = async (answer: Readonly<Record<string, unknown>>) => {
    const refreshToken = secret(answer['refresh_token'])
    if (refreshToken !== null) await request.onRefreshToken?.(refreshToken)
    const idToken = secret(answer['id_token'])
    if (idToken === null) return
    const wanted = { ...expected, provider, clientId, justIssued: true, now: now() }
    const claims = await verifyIdToken(idToken.reveal(), wanted)
    granted = { idToken, claims, refreshToken }
  }
  try {
    await send(await openClient({ ...request, onTokens }))
  } catch (cause) {
    const error = answeredError(cause)
    if (error !== null) request.onError?.(error)
    throw providerFault(cause, provider.issuer)
  }
  if (granted === null) throw signInFailed(`\`${provider.issuer}\` gave no ID token`, ASK_OPERATOR)
  return granted
}

function secret(value: unknown): Secret | null {
  return typeof value === 'string' && value !== '' ? new Secret(value) : null
}
