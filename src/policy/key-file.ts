import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Secret } from '../secret.ts'
import { sealPem } from './sealed-pem.ts'

/** Makes a key that can sign policies. */
export function newSigningKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

/** Writes a private key as a PEM file that only the passphrase opens (PKCS #8, RFC 5958; openssl reads it too). */
export function sealKey(key: KeyObject, passphrase: Secret): string {
  return sealPem(key.export({ type: 'pkcs8', format: 'der' }), passphrase.reveal())
}

/** Opens such a file. `wrong`: it is one, and the passphrase does not open it; `other`: it holds no Ed25519 key. */
export function openKey(
  pem: string,
  passphrase: Secret,
): { readonly ok: true; readonly key: KeyObject } | { readonly ok: false; readonly why: 'wrong' | 'other' } {
  if (!isSealed(pem)) return { ok: false, why: 'other' }
  try {
    const key = createPrivateKey({ key: pem, passphrase: passphrase.reveal() })
    return key.asymmetricKeyType === 'ed25519' ? { ok: true, key } : { ok: false, why: 'other' }
  } catch {
    return { ok: false, why: 'wrong' } // OpenSSL's own words name a decoder
  }
}

/** Tells whether a text is a private key that is encrypted. */
export function isSealed(pem: string): boolean {
  return pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')
}
