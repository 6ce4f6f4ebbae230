import type * as OpenIdClient from 'openid-client'
import type { ClientAuth, Configuration, CustomFetch, ServerMetadata } from 'openid-client'
import type { HttpClient } from '../http.ts'
import type { Provider } from './provider.ts'
import { ANSWER_TIMEOUT_MS, checkStatus, MAX_ANSWER_BYTES, readJson } from './provider-json.ts'

/** The library, and what it must know of provider and client. */
export interface ProviderClient {
  readonly oidc: typeof OpenIdClient
  readonly config: Configuration
}

/** How to speak to a provider. */
export interface ClientOptions {
  readonly provider: Provider
  readonly clientId: string
  readonly http: HttpClient
  readonly now: () => Date
  /** How often a request that was not answered is made again. */
  readonly retries: number
  /** Makes what proves a workload; a person's client is public and has nothing. */
  readonly auth?: (oidc: ProviderClient['oidc']) => Promise<ClientAuth>
  /** Looks at each success of the token endpoint before the library does; what it throws ends the request. */
  readonly onTokens?: (answer: Readonly<Record<string, unknown>>) => Promise<void>
}

/** Makes openid-client speak through our HTTP client: bounded, without redirects, http to loopback only. */
export async function openClient(options: ClientOptions): Promise<ProviderClient> {
  const oidc = await import('openid-client')
  const { provider, clientId, now } = options
  const auth = options.auth === undefined ? oidc.None() : await options.auth(oidc)
  // Its checks of tokens come after ours, and use our clock.
  const clock = {
    [oidc.clockSkew]: (now().getTime() - Date.now()) / 1000,
    [oidc.clockTolerance]: 60,
  }
  const config = new oidc.Configuration(metadataOf(provider), clientId, clock, auth)
  // Marked as deprecated to make it stand out: providerUrl let http pass for loopback only, and so does our HTTP client.
  // oxlint-disable-next-line typescript/no-deprecated
  if (new URL(provider.issuer).protocol === 'http:') oidc.allowInsecureRequests(config)
  config.timeout = 0 // ours ends requests
  config[oidc.customFetch] = fetchThrough(options)
  return { oidc, config }
}

function metadataOf(provider: Provider): ServerMetadata {
  const algorithms = provider.algorithms
  return {
    issuer: provider.issuer,
    jwks_uri: provider.jwksUri.href,
    ...(provider.tokenEndpoint && { token_endpoint: provider.tokenEndpoint.href }),
    ...(provider.authorizationEndpoint && { authorization_endpoint: provider.authorizationEndpoint.href }),
    ...(provider.deviceEndpoint && { device_authorization_endpoint: provider.deviceEndpoint.href }),
    ...(provider.revocationEndpoint && { revocation_endpoint: provider.revocationEndpoint.href }),
    ...(algorithms && { id_token_signing_alg_values_supported: [...algorithms] }),
    authorization_response_iss_parameter_supported: provider.namesIssuer,
  }
}

function fetchThrough(options: ClientOptions): CustomFetch {
  const { provider, http, retries, onTokens } = options
  return async (address, { method, headers, body }) => {
    const answer = await http(new URL(address), {
      method: method === 'GET' ? 'GET' : 'POST',
      headers,
      body: bytesOf(body),
      timeoutMs: ANSWER_TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      retries,
    })
    const what = `\`${provider.issuer}\``
    checkStatus(answer, what)
    let bytes: Uint8Array = answer.body
    if (answer.status < 300 && address !== provider.revocationEndpoint?.href) {
      const json = readJson(answer, what)
      if (address === provider.tokenEndpoint?.href) await onTokens?.(json)
      if (address === provider.deviceEndpoint?.href) bytes = Buffer.from(JSON.stringify(spelled(json)))
    }
    const type = answer.headers.get('content-type')
    return new Response(answer.status === 204 ? null : Buffer.from(bytes), {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}

// Google spells it as a draft of RFC 8628 did.
function spelled(device: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { verification_uri: device['verification_url'], ...device }
}

function bytesOf(body: unknown): Uint8Array | null {
  if (body === undefined || body === null) return null
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(String(body))
  throw new TypeError('openid-client sends a body of a kind that it did not send before')
}
