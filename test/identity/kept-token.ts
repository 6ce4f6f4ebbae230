import { accountOf, sealTokens, type Tokens } from '../../src/identity/tokens.ts'
import { Secret } from '../../src/secret.ts'
import type { TokenStore } from '../../src/identity/token-store.ts'

type Json = Readonly<Record<string, unknown>>

/** What a program of this user writes where the sign-in is kept. */
export interface Forged {
  readonly issuer: string
  readonly header?: Json
  readonly claims?: Json
  readonly signature?: string
  readonly confirmed?: Date
}

/** Makes kept tokens that no provider gave: bob's, who is in the group `dba`. */
export function forgedTokens({
  issuer,
  header,
  claims,
  signature = 'c2lnbmF0dXJl',
  confirmed,
}: Forged): Tokens {
  const seconds = Math.floor(Date.now() / 1000)
  const honest = {
    iss: issuer,
    sub: 'bob',
    aud: 'hoopctl',
    iat: seconds,
    exp: seconds + 3600,
    groups: ['dba'],
  }
  const all = { ...honest, ...claims }
  const parts = [{ alg: 'RS256', ...header }, all].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return {
    issuer,
    clientId: 'hoopctl',
    scopes: ['openid'],
    resources: [],
    idToken: new Secret([...parts, signature].join('.')),
    claims: all,
    refreshToken: null,
    confirmed: confirmed ?? new Date(Date.now()),
  }
}

/** Writes tokens into a store, past all of our code but the sealing. */
export async function plant(tokens: Tokens, store: TokenStore): Promise<void> {
  await store.set(accountOf(tokens), sealTokens(tokens))
}
