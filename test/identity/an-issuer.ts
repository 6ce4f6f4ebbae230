import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { HttpClient } from '../../src/http.ts'
import { KeySet } from '../../src/identity/key-set.ts'
import type { Provider } from '../../src/identity/provider.ts'

/** An issuer without a sign-in page: it signs what it is told to. */
export interface AnIssuer {
  readonly provider: Provider
  /** Its public key, as it publishes it. */
  readonly jwk: Readonly<Record<string, unknown>>
  sign(claims: Readonly<Record<string, unknown>>): string
}

/** Makes an issuer, with a key of its own. */
export function anIssuer(issuer = 'https://login.acme.example'): AnIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 8)
  const jwk = { ...own, kid, use: 'sig', alg: 'ES256' }
  const body = Buffer.from(JSON.stringify({ keys: [jwk] }))
  const http: HttpClient = async () => ({
    status: 200,
    headers: new Map([['content-type', 'application/json']]),
    body,
  })
  const jwksUri = new URL('/jwks', issuer)
  const provider = {
    issuer,
    jwksUri,
    keys: new KeySet(jwksUri, http),
    tokenEndpoint: null,
    authorizationEndpoint: null,
    deviceEndpoint: null,
    revocationEndpoint: null,
    algorithms: null,
    authMethods: [],
    namesIssuer: false,
    pairwise: false,
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    provider,
    jwk,
    sign(claims) {
      const text = `${part({ alg: 'ES256', kid })}.${part(claims)}`
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
  }
}
