import { shorten, visible } from '../visible.ts'

/** Public-key signatures only. `none`, and HMAC with what everyone may know, are how tokens are forged. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'].concat([
  'EdDSA',
  'Ed25519',
])

/**
 * Finds what is wrong with a token's header, if anything: algorithm, type, extensions, keys of its own.
 * @param announced the algorithms that the provider says to use; null: any of ours
 * @param types what `typ` may be, where it stands
 */
export function headerFault(
  header: Readonly<Record<string, unknown>>,
  announced: readonly string[] | null,
  types: readonly string[],
): string | null {
  const { alg, typ, kid } = header
  if (typeof alg !== 'string') return 'its header names no algorithm'
  if (!ALGORITHMS.includes(alg)) return `algorithm \`${visible(shorten(alg))}\` is never accepted`
  if (announced !== null && !announced.includes(alg)) {
    return `it is signed with \`${alg}\`, which its provider does not announce`
  }
  // RFC 8725, section 3.11: a token that was made for something else.
  if (typ !== undefined && !types.some((type) => isType(typ, type))) {
    const type = typeof typ === 'string' ? `\`${visible(shorten(typ))}\`` : 'no text'
    return `its type (\`typ\`) is ${type}, not \`${types.join('` or `')}\``
  }
  // RFC 7515, section 4.1.11: what must be understood and is not. We understand no extension.
  if (header['crit'] !== undefined) return 'it demands an extension (`crit`) that hoopctl does not know'
  if (header['b64'] !== undefined) return 'its payload is not encoded as that of a token is (`b64`)'
  for (const name of ['jwk', 'jku', 'x5u']) {
    if (header[name] !== undefined) return `it brings a key of its own (\`${name}\`)`
  }
  if (kid !== undefined && typeof kid !== 'string') return 'its key id is no text'
  return null
}

// RFC 7515, section 4.1.9: media types are compared without case, `application/` may be left out.
function isType(typ: unknown, type: string): boolean {
  if (typeof typ !== 'string') return false
  return typ.toLowerCase().replace(/^application\//, '') === type.toLowerCase()
}
