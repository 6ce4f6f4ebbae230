import { shorten, visible } from '../visible.ts'

/** A public key as a provider publishes it (RFC 7517). */
export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kty: string }

/** What a token says about the key that signed it. */
export interface KeyQuery {
  readonly alg: string
  readonly kid: string | null
}

/** The key, or why there is none; `unknown`: a newer key set may have it. */
export type KeyChoice =
  | { readonly ok: true; readonly key: PublicJwk }
  | { readonly ok: false; readonly why: string; readonly unknown: boolean }

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
}

const MIN_RSA_BITS = 2048

/** Chooses the key that may have signed: by its id where the token names one, and always by what it is good for. */
export function chooseKey(keys: readonly PublicJwk[], { alg, kid }: KeyQuery): KeyChoice {
  const refuse = (why: string, unknown = false): KeyChoice => ({ ok: false, why, unknown })
  const named = kid === null ? keys : keys.filter((key) => key['kid'] === kid)
  if (named.length === 0) {
    return refuse(`the provider publishes no key \`${visible(shorten(kid ?? ''))}\``, true)
  }
  const fitting = named.filter((key) => fits(key, alg))
  const [key] = fitting
  // The id of one key, the algorithm of another: the way to have a public key taken for a secret.
  if (key === undefined) return refuse(`the key that it names is not for \`${alg}\``, kid === null)
  if (fitting.length > 1) return refuse('it does not say which of several keys signed it')
  if (key.kty === 'RSA' && bits(key['n']) < MIN_RSA_BITS) {
    return refuse(`the RSA key that signed it has fewer than ${MIN_RSA_BITS} bits`)
  }
  return { ok: true, key }
}

function fits(key: PublicJwk, alg: string): boolean {
  if (key['alg'] !== undefined && key['alg'] !== alg && !(isEdDsa(key['alg']) && isEdDsa(alg))) return false
  if (key['use'] !== undefined && key['use'] !== 'sig') return false
  const operations = key['key_ops']
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false
  const curve = CURVES[alg]
  if (curve === undefined) return key.kty === 'RSA'
  return key.kty === (isEdDsa(alg) ? 'OKP' : 'EC') && key['crv'] === curve
}

// RFC 9864 gives EdDSA with Ed25519 a name of its own.
function isEdDsa(alg: unknown): boolean {
  return alg === 'EdDSA' || alg === 'Ed25519'
}

function bits(modulus: unknown): number {
  if (typeof modulus !== 'string') return 0
  const hex = Buffer.from(modulus, 'base64url').toString('hex').replace(/^0+/, '')
  return hex === '' ? 0 : (hex.length - 1) * 4 + Number.parseInt(hex.charAt(0), 16).toString(2).length
}
