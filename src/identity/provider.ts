import type { HttpClient } from '../http.ts'
import { shorten, visible } from '../visible.ts'
import { KeySet } from './key-set.ts'
import { fetchJson } from './provider-json.ts'
import { providerUrl } from './provider-url.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** An OpenID provider, as it describes itself. An endpoint is null where it has none. */
export interface Provider {
  readonly issuer: string
  readonly keys: KeySet
  readonly jwksUri: URL
  readonly tokenEndpoint: URL | null
  readonly authorizationEndpoint: URL | null
  readonly deviceEndpoint: URL | null
  readonly revocationEndpoint: URL | null
  /** Which algorithms it says to sign ID tokens with; null: it does not say. */
  readonly algorithms: readonly string[] | null
  /** How clients may authenticate at the token endpoint. */
  readonly authMethods: readonly string[]
  /** Does it name itself in the answers to authorization requests (RFC 9207)? */
  readonly namesIssuer: boolean
  /** Does it give each client another `sub` for the same person (OpenID Connect Core 1.0, section 8.1)? */
  readonly pairwise: boolean
}

/**
 * Asks a provider for its metadata (OpenID Connect Discovery 1.0, section 4), which must name the very issuer that was
 * asked for. Throws SIGN_IN_FAILED, or UNREACHABLE.
 */
export async function discoverProvider(issuer: string, http: HttpClient): Promise<Provider> {
  const base = providerUrl(issuer, issuer)
  if (base === null || base.search !== '') {
    const message = `\`${visible(shorten(issuer))}\` is not the address of an issuer: https, without query or fragment`
    throw signInFailed(message, 'correct `identity.issuer`')
  }
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const what = `\`${issuer}\``
  const metadata = await fetchJson(url, http, what)
  const named = metadata['issuer']
  // Section 4.3: a provider that answers for another would let that other's tokens pass for its own.
  if (named !== issuer) {
    const other = typeof named === 'string' ? `\`${visible(shorten(named))}\`` : 'none'
    const message = `asked for issuer ${what}, the provider names another: ${other}`
    throw signInFailed(message, 'spell `identity.issuer` as the provider does, to the slash at its end')
  }
  return providerOf(issuer, metadata, http)
}

function providerOf(issuer: string, metadata: Readonly<Record<string, unknown>>, http: HttpClient): Provider {
  const endpoint = (name: string): URL | null => {
    const value = metadata[name]
    if (value === undefined || value === null) return null
    const url = providerUrl(value, issuer)
    if (url === null) throw signInFailed(`\`${name}\` of \`${issuer}\` is not an https address`, ASK_OPERATOR)
    return url
  }
  const jwksUri = endpoint('jwks_uri')
  if (jwksUri === null) throw signInFailed(`\`${issuer}\` names no \`jwks_uri\``, ASK_OPERATOR)
  return {
    issuer,
    jwksUri,
    keys: new KeySet(jwksUri, http),
    tokenEndpoint: endpoint('token_endpoint'),
    authorizationEndpoint: endpoint('authorization_endpoint'),
    deviceEndpoint: endpoint('device_authorization_endpoint'),
    revocationEndpoint: endpoint('revocation_endpoint'),
    algorithms: strings(metadata['id_token_signing_alg_values_supported']),
    authMethods: strings(metadata['token_endpoint_auth_methods_supported']) ?? [],
    namesIssuer: metadata['authorization_response_iss_parameter_supported'] === true,
    pairwise: isPairwise(strings(metadata['subject_types_supported'])),
  }
}

function isPairwise(types: readonly string[] | null): boolean {
  return types !== null && types.length > 0 && types.every((type) => type === 'pairwise')
}

function strings(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : null
}
