import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ClientAuth } from 'openid-client'
import type { HttpClient } from '../http.ts'
import { Secret } from '../secret.ts'
import { discoverProvider, type Provider } from './provider.ts'
import { openClient, type ProviderClient } from './provider-client.ts'
import { providerFault } from './provider-fault.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** What shows that a workload is the client that it says: a secret, or a private key (PEM) of which the provider has the other half. */
export type ClientProof =
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'key'; readonly pem: Secret; readonly kid: string | null }

/** A request for a workload's token. */
export interface ClientRequest {
  readonly issuer: string
  readonly clientId: string
  readonly proof: ClientProof
  readonly parameters: Readonly<Record<string, string>>
  readonly http: HttpClient
  readonly now: () => Date
}

/**
 * Asks for a token with client credentials (RFC 6749, section 4.4), shown by a secret or by `private_key_jwt` (RFC 7523). The
 * token is not verified here. Throws SIGN_IN_FAILED or UNREACHABLE.
 */
export async function requestClientToken(request: ClientRequest): Promise<Secret> {
  let given: Secret | null = null
  await askWithClientCredentials(request, async (answer) => {
    const token = answer['access_token']
    if (typeof token === 'string' && token !== '') given = new Secret(token)
  })
  if (given === null) throw signInFailed(`\`${request.issuer}\` gave no token`, ASK_OPERATOR)
  return given
}

/**
 * Asks the token endpoint with client credentials, and hands on what it answers. Throws SIGN_IN_FAILED, UNREACHABLE and what
 * `onTokens` throws.
 */
export async function askWithClientCredentials(
  { issuer, clientId, proof, parameters, http, now }: ClientRequest,
  onTokens: (answer: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<void> {
  const provider = await discoverProvider(issuer, http)
  const auth = (oidc: ProviderClient['oidc']) => clientAuth(oidc, proof, provider)
  try {
    const client = await openClient({ provider, clientId, http, now, retries: 2, auth, onTokens })
    await client.oidc.clientCredentialsGrant(client.config, { ...parameters })
  } catch (cause) {
    throw providerFault(cause, issuer)
  }
}

async function clientAuth(
  oidc: ProviderClient['oidc'],
  proof: ClientProof,
  { authMethods }: Provider,
): Promise<ClientAuth> {
  if (proof.kind === 'key') return privateKeyJwt(oidc, proof)
  const secret = proof.secret.reveal()
  // OpenID Connect Discovery 1.0, section 3: who says nothing takes the basic one.
  const post = authMethods.includes('client_secret_post') && !authMethods.includes('client_secret_basic')
  return post ? oidc.ClientSecretPost(secret) : oidc.ClientSecretBasic(secret)
}

async function privateKeyJwt(
  oidc: ProviderClient['oidc'],
  { pem, kid }: ClientProof & { readonly kind: 'key' },
): Promise<ClientAuth> {
  const { importPKCS8 } = await import('jose')
  const key = readKey(pem)
  const alg = algorithmOf(key)
  if (alg === null) throw signInFailed('the private key is neither RSA, EC nor Ed25519', KEY_HINT)
  const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const imported = await importPKCS8(pkcs8, alg)
  return oidc.PrivateKeyJwt(kid === null ? imported : { key: imported, kid })
}

const KEY_HINT = 'name a file with a private key in PEM, without a passphrase'

function readKey(pem: Secret): KeyObject {
  try {
    return createPrivateKey(pem.reveal())
  } catch {
    throw signInFailed('the private key cannot be read', KEY_HINT) // the cause may quote it
  }
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  return asymmetricKeyType === 'ec' ? (CURVES[asymmetricKeyDetails?.namedCurve ?? ''] ?? null) : null
}
