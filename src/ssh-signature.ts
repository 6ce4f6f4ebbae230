import { createHash, type KeyObject, verify } from 'node:crypto'
import { readKeyBlob, type SshKey } from './ssh-key.ts'
import { positiveInteger, sshString, sshStrings, strictBase64 } from './ssh-wire.ts'

/**
 * The namespaces of our SSH signatures: one that was made for a commit or a file is no approval, and one that was made to
 * ask for a grant is none either.
 */
export const APPROVAL_NAMESPACE = 'hoopctl-approval'
/** The namespace of signatures that ask for a grant: one is no yes to anything. */
export const REQUEST_NAMESPACE = 'hoopctl-request'
export type SshNamespace = typeof APPROVAL_NAMESPACE | typeof REQUEST_NAMESPACE

export type SshVerified =
  | {
      readonly ok: true
      /** The key that signed: its type and base64, as in an authorized_keys file. */
      readonly key: string
      /** Did a security key verify its user, by a PIN or a finger? Of any other key false. */
      readonly verified: boolean
    }
  | { readonly ok: false; readonly why: string }

/** What the signature blob says beside the key. */
interface Signed {
  readonly key: SshKey
  readonly namespace: Buffer
  readonly reserved: Buffer
  readonly hash: Buffer
  readonly signature: Buffer
}

const MAGIC = Buffer.from('SSHSIG')
const BEGIN = '-----BEGIN SSH SIGNATURE-----\n'
const END = '\n-----END SSH SIGNATURE-----'
// One by an RSA key of 16384 bits has six thousand.
const MAX_CHARACTERS = 16 * 1024
const HASHES = new Set(['sha256', 'sha512'])

/**
 * Verifies an armored SSH signature (PROTOCOL.sshsig of OpenSSH) over a message in a namespace of ours: what `ssh-keygen -Y
 * verify` takes, and never more. Whose key it is, and whether it counts, is not said here. A security key must have been touched.
 */
export function verifySshSignature(
  armored: string,
  message: string,
  namespace: SshNamespace = APPROVAL_NAMESPACE,
): SshVerified {
  const read = readSigned(armored, namespace)
  if (typeof read === 'string') return { ok: false, why: read }
  const { key, reserved, hash, signature } = read
  const digest = createHash(hash.toString()).update(message).digest()
  const parts = [read.namespace, reserved, hash, digest].map(sshString)
  return verifyBlob(key, signature, Buffer.concat([MAGIC, ...parts]))
}

function readSigned(armored: string, wanted: SshNamespace): Signed | string {
  const blob = unarmor(armored)
  if (blob === null) return 'it is not an armored SSH signature'
  if (!blob.subarray(0, 6).equals(MAGIC)) return 'it does not begin as an SSH signature does'
  if (blob.length < 10 || blob.readUInt32BE(6) !== 1) return 'it is not of version 1'
  const strings = sshStrings(blob.subarray(10), 5)
  if (strings === null) return 'it has not the parts of an SSH signature'
  const [publicKey = MAGIC, namespace = MAGIC, reserved = MAGIC, hash = MAGIC, signature = MAGIC] = strings
  if (namespace.toString('latin1') !== wanted) return 'it was made for something else (its namespace)'
  if (reserved.length > 0) return 'it holds something that is reserved for later versions'
  if (!HASHES.has(hash.toString('latin1'))) return 'it names a hash that is not accepted'
  const read = readKeyBlob(publicKey)
  return read.ok ? { key: read.key, namespace, reserved, hash, signature } : `of its key, ${read.why}`
}

function unarmor(armored: string): Buffer | null {
  const text = armored.endsWith('\n') ? armored.slice(0, -1) : armored
  if (text.length > MAX_CHARACTERS || !text.startsWith(BEGIN) || !text.endsWith(END)) return null
  return strictBase64(text.slice(BEGIN.length, -END.length).replaceAll('\n', ''))
}

// PROTOCOL.u2f: after the signature itself, what the security key says of its user, and how often it has signed.
const FLAGS_AND_COUNTER = 5
const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04

function verifyBlob({ key, type, text, application }: SshKey, blob: Buffer, signed: Buffer): SshVerified {
  const refuse = (why: string): SshVerified => ({ ok: false, why })
  const cut = application === null ? blob.length : blob.length - FLAGS_AND_COUNTER
  const strings = cut < 0 ? null : sshStrings(blob.subarray(0, cut), 2)
  if (strings === null) return refuse('it has not the parts of a signature')
  const [algorithm = MAGIC, signature = MAGIC] = strings
  const hash = hashOf(type, algorithm.toString('latin1'))
  if (hash === undefined) return refuse('it is by an algorithm that its key is not for')
  const extra = blob.subarray(cut)
  const flags = extra[0] ?? 0
  if (application !== null && (flags & USER_PRESENT) === 0) return refuse('nobody touched the security key')
  const bytes = application === null ? signed : Buffer.concat([sha256(application), extra, sha256(signed)])
  if (!isSigned({ key, hash, bytes, signature })) return refuse('it does not hold')
  return { ok: true, key: text, verified: application !== null && (flags & USER_VERIFIED) !== 0 }
}

const HASH_OF_TYPE: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'sk-ssh-ed25519@openssh.com': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256',
}

// RFC 8332: an RSA key has two algorithms, and `ssh-rsa`, which is SHA-1, is not one of them (PROTOCOL.sshsig).
function hashOf(type: string, algorithm: string): string | null | undefined {
  if (type !== 'ssh-rsa') return algorithm === type ? HASH_OF_TYPE[type] : undefined
  return RSA_HASHES.get(algorithm)
}

const RSA_HASHES = new Map([
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
])

interface Held {
  readonly key: KeyObject
  /** null: the algorithm has its own. */
  readonly hash: string | null
  readonly bytes: Buffer
  readonly signature: Buffer
}

function isSigned({ key, hash, bytes, signature }: Held): boolean {
  if (key.asymmetricKeyType !== 'ec') return verify(hash, bytes, key, signature)
  const fixed = fixedLength(signature, FIELD_BYTES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 0)
  return fixed !== null && verify(hash, bytes, { key, dsaEncoding: 'ieee-p1363' }, fixed)
}

const FIELD_BYTES: Readonly<Record<string, number>> = { prime256v1: 32, secp384r1: 48, secp521r1: 66 }

// RFC 5656, section 3.1.2: two numbers in their shortest form; OpenSSL takes two of one length.
function fixedLength(signature: Buffer, bytes: number): Buffer | null {
  const numbers = sshStrings(signature, 2)?.map(positiveInteger) ?? []
  const padded = numbers.map((each) =>
    each === null || each.length > bytes ? null : Buffer.concat([Buffer.alloc(bytes - each.length), each]),
  )
  const [r = null, s = null] = padded
  return r === null || s === null ? null : Buffer.concat([r, s])
}

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest()
}
