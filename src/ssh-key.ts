import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { positiveInteger, sshStrings, strictBase64 } from './ssh-wire.ts'

/** A public key as OpenSSH writes it. */
export interface SshKey {
  /** Its type and its bytes in base64, as in an authorized_keys file, without options and comment. */
  readonly text: string
  readonly type: string
  readonly key: KeyObject
  /** Of a security key: for what it was made, as a rule `ssh:`. Of any other key null. */
  readonly application: string | null
}

export type ReadSshKey =
  | { readonly ok: true; readonly key: SshKey }
  | { readonly ok: false; readonly why: string }

const MIN_RSA_BITS = 2048
// OpenSSH makes none above; a larger one would take long to verify with.
const MAX_RSA_BITS = 16_384

/** How each type of key is made of the strings after its name; `security` keys have an application as their last. */
const TYPES: Readonly<
  Record<string, { readonly fields: number; readonly security: boolean; readonly curve?: string }>
> = {
  'ssh-ed25519': { fields: 1, security: false },
  'ssh-rsa': { fields: 2, security: false },
  'ecdsa-sha2-nistp256': { fields: 2, security: false, curve: 'nistp256' },
  'ecdsa-sha2-nistp384': { fields: 2, security: false, curve: 'nistp384' },
  'ecdsa-sha2-nistp521': { fields: 2, security: false, curve: 'nistp521' },
  'sk-ssh-ed25519@openssh.com': { fields: 2, security: true },
  'sk-ecdsa-sha2-nistp256@openssh.com': { fields: 3, security: true, curve: 'nistp256' },
}

const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number }>> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
}

/** Reads a line of a `.pub` file: `TYPE BASE64 [COMMENT]`. Options before it, and certificates, are no keys here. */
export function readSshKey(line: string): ReadSshKey {
  const [type = '', base64 = ''] = line.trim().split(/[ \t]+/)
  const blob = strictBase64(base64)
  if (blob === null) return { ok: false, why: 'it is not a type, a space and base64' }
  const read = readKeyBlob(blob)
  return read.ok && read.key.type !== type ? { ok: false, why: 'it is of another type than it says' } : read
}

/** Reads a public key in the form of the wire (RFC 4253, section 6.6; PROTOCOL.u2f of OpenSSH). */
export function readKeyBlob(blob: Buffer): ReadSshKey {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0)
  const type = blob.toString('latin1', 4, 4 + length)
  const form = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (form === undefined) return { ok: false, why: 'it is of a type that is not accepted' }
  const fields = sshStrings(blob, form.fields + 1)?.slice(1) ?? null
  if (fields === null) return { ok: false, why: 'it has not the parts of a key of its type' }
  const application = form.security ? (fields.at(-1)?.toString('utf8') ?? '') : null
  // PROTOCOL.u2f: whatever else a security key was made for is no SSH key.
  if (application !== null && !application.startsWith('ssh:'))
    return { ok: false, why: 'it was not made for SSH' }
  const jwk = type === 'ssh-rsa' ? rsaKey(fields) : curveKey(fields, form.curve)
  if (typeof jwk === 'string') return { ok: false, why: jwk }
  const key = keyOf(jwk)
  if (key === null) return { ok: false, why: 'it is no point of its curve' }
  return { ok: true, key: { text: `${type} ${blob.toString('base64')}`, type, key, application } }
}

function rsaKey([exponent, modulus]: readonly Buffer[]): JsonWebKey | string {
  const e = exponent === undefined ? null : positiveInteger(exponent)
  const n = modulus === undefined ? null : positiveInteger(modulus)
  if (e === null || n === null) return 'a number in it is not in its one form'
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24
  if (bits < MIN_RSA_BITS) return `it is an RSA key of fewer than ${MIN_RSA_BITS} bits`
  if (bits > MAX_RSA_BITS) return `it is an RSA key of more than ${MAX_RSA_BITS} bits`
  return { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') }
}

function curveKey(fields: readonly Buffer[], name: string | undefined): JsonWebKey | string {
  const [first = Buffer.alloc(0), point = Buffer.alloc(0)] = fields
  if (name === undefined) {
    return first.length === 32
      ? { kty: 'OKP', crv: 'Ed25519', x: first.toString('base64url') }
      : 'it is not 32 bytes long'
  }
  const curve = CURVES[name]
  if (curve === undefined || first.toString('latin1') !== name) return 'it names another curve'
  const { crv, bytes } = curve
  // RFC 5656, section 3.1: compressed points are not used.
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) return 'it is no uncompressed point of its curve'
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)]
  return { kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') }
}

function keyOf(key: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return null // OpenSSL's words name a decoder, not what is wrong with the key
  }
}
