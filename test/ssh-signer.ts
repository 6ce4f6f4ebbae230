import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { sshString } from '../src/ssh-wire.ts'

/** What a security key says when it signs, and what else may be told otherwise than is right. */
export interface SshForm {
  readonly namespace?: string
  readonly reserved?: string
  readonly hash?: string
  readonly version?: number
  readonly magic?: string
  /** Of a security key: 0x01 the user was there, 0x04 the user was verified. */
  readonly flags?: number
  readonly counter?: number
  /** The name of the algorithm in the signature. */
  readonly algorithm?: string
  /** Bytes behind the signature's own, and behind the whole. */
  readonly inside?: string
  readonly behind?: string
}

/** A key that signs as OpenSSH does. */
export interface SshSigner {
  /** As in an authorized_keys file, without a comment. */
  readonly key: string
  sign(message: string, form?: SshForm): string
}

export const SECURITY_KEYS = ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const
export type SignerType = (typeof SECURITY_KEYS)[number] | 'ssh-ed25519'

/** Makes a key whose signatures are put together here; of a security key no part is real but its arithmetic. */
export function sshSigner(type: SignerType, application = 'ssh:'): SshSigner {
  const pair = type.includes('ecdsa')
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('ed25519')
  const blob = keyBlob(type, pair.publicKey, application)
  return {
    key: `${type} ${blob.toString('base64')}`,
    sign: (message, form = {}) => armored(message, form, { type, blob, application, key: pair.privateKey }),
  }
}

interface Own {
  readonly type: SignerType
  readonly blob: Buffer
  readonly application: string
  readonly key: KeyObject
}

function keyBlob(type: SignerType, key: KeyObject, application: string): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const bytes = (text: string) => Buffer.from(text, 'base64url')
  const parts = type.includes('ecdsa')
    ? ['nistp256', Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)])]
    : [bytes(x)]
  const last = type.startsWith('sk-') ? [application] : []
  return Buffer.concat([type, ...parts, ...last].map(sshString))
}

function armored(message: string, form: SshForm, own: Own): string {
  const { namespace = 'hoopctl-approval', reserved = '', hash = 'sha512', version = 1 } = form
  const digest = createHash(hash === 'sha256' ? 'sha256' : 'sha512')
    .update(message)
    .digest()
  const named = [namespace, reserved, hash].map(sshString)
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...named, sshString(digest)])
  const signature = Buffer.concat([signatureOf(signed, form, own), Buffer.from(form.inside ?? '')])
  const parts = [sshString(own.blob), ...named, sshString(signature), Buffer.from(form.behind ?? '')]
  return armor(Buffer.concat([Buffer.from(form.magic ?? 'SSHSIG'), uint32(version), ...parts]))
}

function signatureOf(signed: Buffer, form: SshForm, { type, application, key }: Own): Buffer {
  const { flags = 1, counter = 7, algorithm = type } = form
  const isSecurityKey = type.startsWith('sk-')
  const extra = isSecurityKey ? Buffer.concat([Buffer.from([flags]), uint32(counter)]) : Buffer.alloc(0)
  const bytes = isSecurityKey ? Buffer.concat([sha256(application), extra, sha256(signed)]) : signed
  const own = type.includes('ecdsa')
    ? twoNumbers(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }))
    : sign(null, bytes, key)
  return Buffer.concat([sshString(algorithm), sshString(own), extra])
}

function twoNumbers(fixed: Buffer): Buffer {
  return Buffer.concat([fixed.subarray(0, 32), fixed.subarray(32)].map((each) => sshString(mpint(each))))
}

function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const short = bytes.subarray(first)
  return (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short
}

/** Puts bytes into the armor of an SSH signature. */
export function armor(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

/** Takes the bytes out of the armor. */
export function unarmored(text: string): Buffer {
  return Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest()
}
