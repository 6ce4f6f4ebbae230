import type { PublicJwk } from './choose-key.ts'
import type { Provider } from './provider.ts'
import { readJwt } from './read-jwt.ts'
import { signInFailed } from './sign-in-failed.ts'

/** What a public key is made of (RFC 7518, section 6), and how it is named and used (RFC 7517, section 4). */
const KEPT = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg']

/**
 * Gives the key that verifies a token among those that its provider publishes now, without what else stands beside it there
 * (certificates). Throws SIGN_IN_FAILED where there is none, UNREACHABLE where they cannot be had.
 */
export async function verifyingKey(token: string, { keys }: Provider, now: Date): Promise<PublicJwk> {
  const read = readJwt(token)
  if (!read.ok) throw signInFailed(`a token is refused: ${read.why}`)
  const { alg, kid } = read.jwt.header
  const key = await keys.find({ alg: String(alg), kid: typeof kid === 'string' ? kid : null }, now)
  return { ...Object.fromEntries(Object.entries(key).filter(([name]) => KEPT.includes(name))), kty: key.kty }
}

/** Are these the same key, whatever they are called and used for? */
export function isSameKey(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean {
  return ['kty', 'crv', 'x', 'y', 'n', 'e'].every((member) => one[member] === other[member])
}
