import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { listenOnLoopback } from './loopback-listener.ts'
import type { Provider } from './provider.ts'
import { openClient } from './provider-client.ts'
import { type GrantedTokens, requestTokens } from './request-tokens.ts'
import { ASK_OPERATOR, cancelled, signInFailed } from './sign-in-failed.ts'
import type { Tokens } from './tokens.ts'

/** A sign-in in a browser on this machine. */
export interface BrowserSignIn {
  /** For a receipt: the client of `approvals`. */
  readonly settings: Pick<IdentitySettings, 'clientId' | 'scopes' | 'redirectPort'>
  readonly provider: Provider
  readonly http: HttpClient
  readonly now: () => Date
  /** Waits so many milliseconds; ends early, without an error, when the signal does. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Shows the address to the person, and opens it where there is a browser. */
  readonly openUrl: (url: URL) => void
  /** What the ID token must repeat: of a receipt the digest of what is confirmed. Absent: a random one. */
  readonly nonce?: string
  /** Must the person show anew who they are? */
  readonly fresh?: boolean
  /** By what means, in the provider's own names (`acr_values`): a wish, which `acrFault` checks. Absent or empty: any. */
  readonly acrValues?: readonly string[]
  /** Other services that access tokens may be made for later (RFC 8707); absent: none. */
  readonly resources?: readonly string[]
  /** Who must sign in; absent: anyone. */
  readonly sub?: string
  readonly signal?: AbortSignal
}

const PATIENCE_MS = 10 * 60_000

/**
 * Signs a person in with the authorization code flow and PKCE (RFC 8252, RFC 7636): the browser comes back to a port of
 * 127.0.0.1. Throws SIGN_IN_FAILED, UNREACHABLE, or CANCELLED when the signal ends it.
 */
export async function signInByBrowser(options: BrowserSignIn): Promise<Tokens> {
  const { settings, provider, now, resources = [] } = options
  if (provider.authorizationEndpoint === null) {
    throw signInFailed(`\`${provider.issuer}\` has no sign-in by browser`, 'run: hoopctl login --device')
  }
  const scopes = [...new Set(['openid', ...settings.scopes])]
  const granted = await askBrowser(options, scopes)
  return {
    ...granted,
    issuer: provider.issuer,
    clientId: settings.clientId,
    scopes,
    resources,
    confirmed: now(),
  }
}

async function askBrowser(options: BrowserSignIn, scopes: readonly string[]): Promise<GrantedTokens> {
  const { settings, provider, http, now, fresh = false, acrValues = [], resources = [], sub } = options
  const { clientId } = settings
  const { oidc, config } = await openClient({ provider, clientId, http, now, retries: 0 })
  const state = oidc.randomState()
  const nonce = options.nonce ?? oidc.randomNonce()
  const verifier = oidc.randomPKCECodeVerifier()
  await using listener = await listenOnLoopback(state, settings.redirectPort)
  const asked = now()
  const parameters = new URLSearchParams({
    redirect_uri: listener.redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(fresh && { prompt: 'login', max_age: '0' }),
    ...(acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
  })
  for (const resource of resources) parameters.append('resource', resource)
  options.openUrl(oidc.buildAuthorizationUrl(config, parameters))
  const answer = await waitForAnswer(listener.answered, options)
  checkIssuer(answer, provider)
  const expected = { nonce, ...(fresh && { signedInSince: asked }), ...(sub !== undefined && { sub }) }
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
  return requestTokens({ provider, clientId, http, now, retries: 0, expected }, (client) =>
    client.oidc.authorizationCodeGrant(client.config, answer, { ...checks, idTokenExpected: true }),
  )
}

async function waitForAnswer(answered: Promise<URL>, options: BrowserSignIn): Promise<URL> {
  const done = new AbortController()
  const { signal = done.signal } = options
  if (signal.aborted) throw cancelled(signal)
  try {
    const waited = options.wait(PATIENCE_MS, AbortSignal.any([done.signal, signal])).then(() => null)
    const url = await Promise.race([answered, waited])
    if (signal.aborted) throw cancelled(signal)
    if (url === null) throw signInFailed('the browser did not come back within ten minutes')
    return url
  } finally {
    done.abort()
  }
}

// RFC 9207: an answer of another provider, whose code would be sent to this one.
function checkIssuer(answer: URL, { issuer, namesIssuer }: Provider): void {
  const named = answer.searchParams.getAll('iss')
  if (named.length === 0 && !namesIssuer) return
  if (named.length === 1 && named[0] === issuer) return
  throw signInFailed(`the browser came back from somewhere else than \`${issuer}\` (\`iss\`)`, ASK_OPERATOR)
}
