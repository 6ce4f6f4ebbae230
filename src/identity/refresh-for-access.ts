import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import { Secret } from '../secret.ts'
import { aboutToken, accessFault } from './access-fault.ts'
import { type AccessToken, parametersOf, readAccessToken, type WantedToken } from './access-token.ts'
import type { Provider } from './provider.ts'
import { openClient } from './provider-client.ts'
import { noteLost } from './lost-answer.ts'
import { LOGIN } from './sign-in-failed.ts'
import { maybeSpent } from './renew-kept.ts'
import type { KeptTokens, Tokens } from './tokens.ts'

/** Keeps tokens in place of those that were kept; says with them when the refresh token is about to be sent. */
export type KeepTokens = (tokens: Tokens, mark?: Pick<KeptTokens, 'spending'>) => Promise<void>

/** A refresh that is made for another service's sake. */
export interface AccessRefresh {
  readonly kept: KeptTokens
  readonly provider: Provider
  readonly http: HttpClient
  readonly now: () => Date
  readonly keep: KeepTokens
}

/**
 * Has the provider make an access token for another service out of a person's sign-in. The claims stay as they are; a new
 * refresh token is kept before anything else is looked at, because the old one is void from then on. Throws NOT_SIGNED_IN,
 * SIGN_IN_FAILED, UNREACHABLE.
 */
export async function refreshForAccess(
  { kept: { tokens, spending }, provider, http, now, keep }: AccessRefresh,
  wanted: WantedToken,
): Promise<AccessToken> {
  const { refreshToken, clientId, idToken } = tokens
  if (!isAskedFor(wanted, tokens)) throw notAskedFor(wanted)
  if (refreshToken === null) throw noRefreshToken(wanted)
  // Never sent again from here: logs can wait, and the sign-in would be lost to all. A renewal finds out, shortly before the
  // claims end, or a new sign-in makes it needless.
  if (spending) throw aboutToken(maybeSpent(), wanted)
  // Also, a store that cannot be written is found out before the refresh token is spent.
  await keep(tokens, { spending: true })
  let latest = tokens
  const given: AccessToken[] = []
  const onTokens = async (answer: Readonly<Record<string, unknown>>): Promise<void> => {
    const rotated = answer['refresh_token']
    if (typeof rotated === 'string' && rotated !== '')
      latest = { ...tokens, refreshToken: new Secret(rotated) }
    await keep(latest)
    const others = [idToken, refreshToken]
    given.push(readAccessToken({ issuer: provider.issuer, wanted, answer, others, now: now() }))
  }
  const noting = noteLost(http)
  try {
    const request = { provider, clientId, http: noting.http, now, retries: 0, onTokens }
    const { oidc, config } = await openClient(request)
    await oidc.refreshTokenGrant(config, refreshToken.reveal(), { ...parametersOf(wanted) })
  } catch (cause) {
    const fault = accessFault(cause, provider.issuer, wanted)
    // This process has what it was given; where the answer was lost, nobody knows what that would have been.
    if (fault instanceof HoopctlError && !noting.isLost()) await keep(latest)
    throw fault
  }
  const [token] = given
  if (token === undefined) throw new TypeError('openid-client made no request for an access token')
  return token
}

// Providers may void the refresh token, and give none in its place, when they refuse what it was not granted for.
function isAskedFor({ audience, scope }: WantedToken, { scopes, resources }: Tokens): boolean {
  return scope === null
    ? resources.includes(audience)
    : scope.split(' ').every((word) => scopes.includes(word))
}

function notAskedFor({ audience }: WantedToken): HoopctlError {
  const message = `no access token for \`${audience}\`: the sign-in is from before the policy named it`
  return new HoopctlError('NOT_SIGNED_IN', message, { hint: LOGIN })
}

function noRefreshToken({ audience }: WantedToken): HoopctlError {
  const message = `no access token for \`${audience}\`: the provider gave no refresh token with the sign-in`
  const hint = `allow \`offline_access\` to the client, name it in \`identity.scopes\`, and ${LOGIN}`
  return new HoopctlError('NOT_SIGNED_IN', message, { hint })
}
