import { didYouMean } from './near-miss.ts'

/** The types of SSH keys that can answer; `sk-` ones are kept by a device that wants a touch. */
const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const
type KeyType = (typeof KEY_TYPES)[number]

/** A public key, as one line of an authorized_keys file has it. */
export interface AuthorizedKey {
  readonly type: KeyType
  /** The key's blob (RFC 4253, section 6.6), in the one way to write it as base64. */
  readonly base64: string
  /** null: none. */
  readonly comment: string | null
  /** Must the device have verified its user, by a PIN or a finger? Of `sk-` keys only. */
  readonly verifyRequired: boolean
}

/** What came of such a line. `parts` are the fields of the blob behind the type; empty where only the type is there. */
export type ReadKey =
  | { readonly ok: true; readonly key: AuthorizedKey; readonly parts: readonly Uint8Array[] }
  | { readonly ok: false; readonly why: string; readonly hint: string | null }

const MIN_RSA_BITS = 2048

/** Reads one line of an authorized_keys file: `type base64`, perhaps `verify-required` before and a comment behind it. */
export function readAuthorizedKey(line: string): ReadKey {
  if (/[^\P{C}\t]/u.test(line)) return refused('a key is one line without control characters')
  const words = line.trim().split(/[ \t]+/u)
  const verifyRequired = words[0] === 'verify-required'
  const [type = '', base64 = '', ...comment] = verifyRequired ? words.slice(1) : words
  if (!isKeyType(type)) return unknownType(type, base64)
  if (verifyRequired && !type.startsWith('sk-')) {
    const why = '`verify-required` is about security keys, and a key of the type'
    return refused(`${why} \`${type}\` is none`, 'delete `verify-required`, or give a key of a type `sk-…`')
  }
  const fields = fieldsOf(base64)
  const [named, ...parts] = fields ?? []
  if (named === undefined) return refused(`behind \`${type}\` there is no key in base64`, COPY)
  if (textOf(named) !== type)
    return refused(`this says \`${type}\`, and the key itself says another type`, COPY)
  const fault = parts.length === 0 ? null : faultOf(type, parts)
  if (fault !== null) return fault
  const key = {
    type,
    base64,
    comment: comment.length === 0 ? null : comment.join(' '),
    verifyRequired,
  }
  return { ok: true, key, parts }
}

const COPY = 'copy the whole line of the file whose name ends in `.pub`'

function unknownType(type: string, next: string): ReadKey {
  if (isKeyType(next))
    return refused(`\`${type}\` before a key means nothing here`, 'only `verify-required` may stand there')
  const hint = `there are ${KEY_TYPES.join(', ')}`
  return refused(`\`${type}\` is no type of key that can answer${didYouMean(type, KEY_TYPES)}`, hint)
}

function isKeyType(text: string): text is KeyType {
  return KEY_TYPES.some((type) => type === text)
}

/** Takes a blob apart: each field is its length in 4 bytes and so many bytes (RFC 4251, section 5). */
function fieldsOf(base64: string): Uint8Array[] | null {
  const blob = Buffer.from(base64, 'base64')
  // Other spellings of the same bytes would let one key stand twice.
  if (blob.toString('base64') !== base64) return null
  const fields: Uint8Array[] = []
  let at = 0
  while (at < blob.length) {
    if (at + 4 > blob.length) return null
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return null
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

function faultOf(type: KeyType, parts: readonly Uint8Array[]): ReadKey | null {
  switch (type) {
    case 'ssh-ed25519':
      return fits(parts, 1) && parts[0]?.length === 32 ? null : MISSHAPEN
    case 'sk-ssh-ed25519@openssh.com':
      return fits(parts, 2) && parts[0]?.length === 32 ? null : MISSHAPEN
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return fits(parts, 2) && isPointOf(type.slice(-8), parts) ? null : MISSHAPEN
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return fits(parts, 3) && isPointOf('nistp256', parts) ? null : MISSHAPEN
    case 'ssh-rsa':
      return faultOfRsa(parts)
  }
}

function fits(parts: readonly Uint8Array[], count: number): boolean {
  return parts.length === count
}

const POINT_BYTES: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 }

// RFC 5656, section 3.1: the curve's name and the point, uncompressed.
function isPointOf(curve: string, [named, point]: readonly Uint8Array[]): boolean {
  return textOf(named) === curve && point?.[0] === 4 && point.length === POINT_BYTES[curve]
}

// RFC 4253, section 6.6: e and n. With e = 1 everybody could sign.
function faultOfRsa([e, n, ...rest]: readonly Uint8Array[]): ReadKey | null {
  if (e === undefined || n === undefined || rest.length > 0) return MISSHAPEN
  if (!isPositive(e) || !isPositive(n) || !isOdd(e) || !isOdd(n) || bitsOf(e) < 2) return MISSHAPEN
  const bits = bitsOf(n)
  if (bits >= MIN_RSA_BITS) return null
  return refused(
    `an RSA key of ${bits} bits is too short: at least ${MIN_RSA_BITS}`,
    'make an ssh-ed25519 key',
  )
}

// RFC 4251, section 5: an mpint is positive where its first bit is 0, and has no byte 0 before it without need.
function isPositive(mpint: Uint8Array): boolean {
  const [first, second = 0] = mpint
  return first !== undefined && first < 0x80 && (first !== 0 || second >= 0x80)
}

function isOdd(mpint: Uint8Array): boolean {
  return (mpint.at(-1) ?? 0) % 2 === 1
}

function bitsOf(mpint: Uint8Array): number {
  const significant = mpint[0] === 0 ? mpint.subarray(1) : mpint
  return significant.length * 8 - (Math.clz32(significant[0] ?? 0) - 24)
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('latin1')
}

function refused(why: string, hint: string | null = null): { ok: false; why: string; hint: string | null } {
  return { ok: false, why, hint }
}

const MISSHAPEN: ReadKey = refused('this is no whole key: its parts are not those of its type', COPY)
