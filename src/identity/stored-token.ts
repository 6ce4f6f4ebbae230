import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Claims } from '../sign-in.ts'
import { chooseKey, type PublicJwk } from './choose-key.ts'
import { headerFault } from './header-fault.ts'
import { readJwt } from './read-jwt.ts'

export type StoredToken =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly why: string }

/**
 * Checks an old ID token by the key that was stored beside it: form, header and signature, not the times. That proves only
 * that the two belong together: whose key it is, its issuer must say.
 */
export function checkStoredToken(token: string, stored: Readonly<Record<string, unknown>>): StoredToken {
  const refuse = (why: string): StoredToken => ({ ok: false, why })
  const read = readJwt(token)
  if (!read.ok) return refuse(read.why)
  const { header, claims } = read.jwt
  const bad = headerFault(header, null, ['JWT'])
  if (bad !== null) return refuse(bad)
  const alg = String(header['alg'])
  const kid = typeof header['kid'] === 'string' ? header['kid'] : null
  const choice = chooseKey([{ ...stored, kty: String(stored['kty']) }], { alg, kid })
  if (!choice.ok) return refuse('the key beside it is not the one that it names')
  return isSigned(token, choice.key, alg) ? { ok: true, claims } : refuse('its signature does not hold')
}

function isSigned(token: string, jwk: PublicJwk, alg: string): boolean {
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    return verify(hashOf(alg), Buffer.from(token.slice(0, end)), withScheme(key, alg), signature)
  } catch {
    return false // a key that is none
  }
}

// RFC 7518, section 3.1: the digits are the length of the hash. RFC 8037: Ed25519 has its own.
function hashOf(alg: string): string | null {
  return alg.startsWith('Ed') ? null : `sha${alg.slice(-3)}`
}

function withScheme(key: KeyObject, alg: string): Parameters<typeof verify>[2] {
  if (alg.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' }
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return alg.startsWith('PS') ? { key, padding, saltLength } : key
}
