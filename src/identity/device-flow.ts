import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { type DeviceCode, type DevicePrompt, readDeviceCode } from './device-code.ts'
import type { Provider } from './provider.ts'
import { openClient } from './provider-client.ts'
import { answeredError, providerFault } from './provider-fault.ts'
import { type GrantedTokens, requestTokens } from './request-tokens.ts'
import { cancelled, signInFailed } from './sign-in-failed.ts'
import type { Tokens } from './tokens.ts'

/** A sign-in with a code that is typed on another screen. */
export interface DeviceSignIn {
  readonly settings: Pick<IdentitySettings, 'clientId' | 'scopes'>
  readonly provider: Provider
  readonly http: HttpClient
  readonly now: () => Date
  /** Waits so many milliseconds; ends early, without an error, when the signal does. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly show: (prompt: DevicePrompt) => void
  /** For a receipt: what the ID token of a fresh sign-in must repeat, and whose it must be. RFC 8628 knows no nonce: some providers do. */
  readonly receipt?: { readonly nonce: string; readonly sub: string }
  /** Other services that access tokens may be made for later (RFC 8707); absent: none. */
  readonly resources?: readonly string[]
  readonly signal?: AbortSignal
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const SLOWER_SECONDS = 5
const MAX_INTERVAL_SECONDS = 60

/**
 * Signs a person in with the device flow (RFC 8628): shows a code, and asks the provider every `interval` seconds, 5 more
 * after each `slow_down`, whether it was typed. Goes on when the network fails. Throws SIGN_IN_FAILED when denied or run
 * out, UNREACHABLE when no code can be had, CANCELLED when the signal ends it.
 */
export async function signInByDevice(options: DeviceSignIn): Promise<Tokens> {
  const { settings, provider, now, resources = [], signal = new AbortController().signal } = options
  if (provider.deviceEndpoint === null) {
    throw signInFailed(`\`${provider.issuer}\` has no device flow`, 'run: hoopctl login --browser')
  }
  const scopes = [...new Set(['openid', ...settings.scopes])]
  const asked = now()
  const { code, verifier } = await requestCode(options, scopes)
  options.show(code)
  let interval = code.intervalSeconds
  let fault: HoopctlError | null = null
  for (;;) {
    await options.wait(interval * 1000, signal)
    if (signal.aborted) throw cancelled(signal)
    // The person may have typed the code all the same, where no answer reached us at the end.
    if (now() >= code.expiresAt) throw fault ?? signInFailed('the code ran out before anyone signed in')
    const polled = await poll(options, { code, verifier }, asked)
    fault = polled instanceof HoopctlError ? polled : null
    if (polled === 'pending') continue
    if (polled === 'slower') interval += SLOWER_SECONDS
    // RFC 8628, section 3.5: who gets no answer asks less often.
    else if (polled instanceof HoopctlError) interval = Math.min(interval * 2, MAX_INTERVAL_SECONDS)
    else
      return {
        ...polled,
        issuer: provider.issuer,
        clientId: settings.clientId,
        scopes,
        resources,
        confirmed: now(),
      }
  }
}

/** A code, and what shows with it that it was asked for here (RFC 7636); null: the provider did not want that. */
interface Requested {
  readonly code: DeviceCode
  readonly verifier: string | null
}

// RFC 8628 has no PKCE, and some providers refuse what they do not know; Keycloak wants it where its client says so.
async function requestCode(options: DeviceSignIn, scopes: readonly string[]): Promise<Requested> {
  const { settings, provider, http, now } = options
  const { oidc, config } = await openClient({ provider, clientId: settings.clientId, http, now, retries: 2 })
  const parameters = parametersOf(options, scopes)
  const request = async (verifier: string | null): Promise<Requested> => {
    const answer = await oidc.initiateDeviceAuthorization(config, parameters)
    return { code: readDeviceCode(answer, provider.issuer, now()), verifier }
  }
  try {
    return await request(null).catch(async (cause: unknown) => {
      if (!wantsPkce(cause)) throw cause
      const verifier = oidc.randomPKCECodeVerifier()
      parameters.set('code_challenge', await oidc.calculatePKCECodeChallenge(verifier))
      parameters.set('code_challenge_method', 'S256')
      return request(verifier)
    })
  } catch (cause) {
    throw providerFault(cause, provider.issuer)
  }
}

function parametersOf({ receipt, resources = [] }: DeviceSignIn, scopes: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams({
    scope: scopes.join(' '),
    ...(receipt && { nonce: receipt.nonce, prompt: 'login', max_age: '0' }),
  })
  for (const resource of resources) parameters.append('resource', resource)
  return parameters
}

function wantsPkce(cause: unknown): boolean {
  const description: unknown = cause instanceof Error ? Reflect.get(cause, 'error_description') : null
  return answeredError(cause) === 'invalid_request' && /code_challenge/u.test(String(description))
}

type Polled = GrantedTokens | 'pending' | 'slower' | HoopctlError

async function poll(options: DeviceSignIn, { code, verifier }: Requested, asked: Date): Promise<Polled> {
  const { settings, provider, http, now, receipt } = options
  const expected = receipt === undefined ? {} : { ...receipt, signedInSince: asked }
  let error: string | null = null
  const onError = (answered: string) => {
    error = answered
  }
  try {
    const request = { provider, clientId: settings.clientId, http, now, retries: 0, expected, onError }
    return await requestTokens(request, ({ oidc, config }) =>
      oidc.genericGrantRequest(config, GRANT, {
        device_code: code.deviceCode.reveal(),
        ...(verifier !== null && { code_verifier: verifier }),
      }),
    )
  } catch (cause) {
    if (error === 'authorization_pending') return 'pending'
    if (error === 'slow_down') return 'slower'
    if (cause instanceof HoopctlError && cause.code === 'UNREACHABLE') return cause
    throw cause
  }
}
