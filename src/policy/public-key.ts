import { createPublicKey, type KeyObject } from 'node:crypto'
import { faultOfPoint } from './ed25519-point.ts'
import { decodeBase64url } from './base64url.ts'

/** A public key that can sign policies. */
export interface PublicKey {
  /** `ed25519:` and the 32 bytes in base64url: the one way to write it. */
  readonly id: string
  readonly key: KeyObject
}

/** Reads a public key as `policy keygen` prints it; `why` says what is wrong with it, in one clause. */
export function parsePublicKey(
  text: string,
): { readonly ok: true; readonly key: PublicKey } | { readonly ok: false; readonly why: string } {
  const written = /^ed25519:([\w-]{43})$/u.exec(text)?.[1]
  const bytes = written === undefined ? null : decodeBase64url(written)
  if (written === undefined || bytes === null) {
    return { ok: false, why: 'a public key is `ed25519:` and 43 characters of base64url' }
  }
  const fault = faultOfPoint(bytes)
  if (fault !== null) return { ok: false, why: `this is no key that can be trusted: ${fault}` }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: written }
  return { ok: true, key: { id: text, key: createPublicKey({ key: jwk, format: 'jwk' }) } }
}

/** Writes the public half of an Ed25519 key in that form. */
export function publicKeyId(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return `ed25519:${x ?? ''}`
}
