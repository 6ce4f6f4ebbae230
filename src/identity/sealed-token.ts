import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Where the key comes from that a token is sealed with. */
export type KeySource = 'passphrase' | 'machine'

/** A sealed token's parts, before its key is known. */
export interface Sealed {
  readonly source: KeySource
  /** What, with the passphrase or the machine's key, gives the key. */
  readonly salt: Buffer
  /** All of it that is not encrypted, which the encryption covers too. */
  readonly head: Buffer
  readonly nonce: Buffer
  readonly check: Buffer
  readonly body: Buffer
  readonly tag: Buffer
}

/** Why bytes are no sealed token. */
export type Unsealable = 'foreign' | 'newer' | 'truncated' | 'damaged' | 'wrong key' | 'altered'

// magic 16 | key source 1 | body's length 4 | salt 32 | nonce 12 | key check 16 | body | tag 16 | SHA-256 32
//
// The encryption alone would refuse all that the digest at the end refuses. The digest, which needs no key, tells a damaged file
// from a wrong passphrase; the key check, 16 bytes derived from the key, tells a wrong passphrase from a file that
// somebody altered and gave a new digest.
const NAME = 'hoopctl token '
const MAGIC = Buffer.from(`${NAME}1\n`)
const SOURCES: readonly KeySource[] = ['passphrase', 'machine']
const SALT_BYTES = 32
const NONCE_BYTES = 12
const CHECK_BYTES = 16
const TAG_BYTES = 16
const DIGEST_BYTES = 32
const LENGTH_AT = MAGIC.length + 1
const SALT_AT = LENGTH_AT + 4
const NONCE_AT = SALT_AT + SALT_BYTES
const CHECK_AT = NONCE_AT + NONCE_BYTES
const BODY_AT = CHECK_AT + CHECK_BYTES

/** Makes a salt for a new token. */
export function newSalt(): Buffer {
  return randomBytes(SALT_BYTES)
}

/** Seals a token for an account with AES-256-GCM. The account is covered: a file under another's name does not open. */
export function seal(secret: string, { account, source, salt, root }: SealOptions): Buffer {
  const plain = Buffer.from(secret)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(plain.length)
  const nonce = randomBytes(NONCE_BYTES)
  const { key, check } = keysOf(root, salt)
  const head = Buffer.concat([MAGIC, Buffer.from([SOURCES.indexOf(source)]), length, salt, nonce, check])
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(covered(head, account))
  const sealed = Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([sealed, digestOf(sealed)])
}

interface SealOptions {
  readonly account: string
  readonly source: KeySource
  readonly salt: Buffer
  /** 32 bytes that only the passphrase or the machine's key give. */
  readonly root: Buffer
}

/** Takes a sealed token apart, or says why it is none. Needs no key. */
export function parseSealed(bytes: Buffer): Sealed | Unsealable {
  const begins = bytes.subarray(0, NAME.length).toString('latin1') === NAME
  if (!begins) return bytes.length < NAME.length ? 'truncated' : 'foreign'
  if (bytes.length < BODY_AT) return 'truncated'
  const length = bytes.readUInt32BE(LENGTH_AT)
  const isOurs = bytes.subarray(0, MAGIC.length).equals(MAGIC)
  if (isOurs && bytes.length < BODY_AT + length + TAG_BYTES + DIGEST_BYTES) return 'truncated'
  const end = bytes.length - DIGEST_BYTES
  if (!digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end))) return 'damaged'
  const source = SOURCES[bytes[MAGIC.length] ?? -1]
  if (!isOurs) return 'newer'
  if (source === undefined || end !== BODY_AT + length + TAG_BYTES) return 'altered'
  return {
    source,
    salt: bytes.subarray(SALT_AT, NONCE_AT),
    head: bytes.subarray(0, BODY_AT),
    nonce: bytes.subarray(NONCE_AT, CHECK_AT),
    check: bytes.subarray(CHECK_AT, BODY_AT),
    body: bytes.subarray(BODY_AT, BODY_AT + length),
    tag: bytes.subarray(BODY_AT + length, end),
  }
}

/** Opens a sealed token, or says why this key does not. */
export function unseal(
  sealed: Sealed,
  account: string,
  root: Buffer,
): { readonly secret: string } | Unsealable {
  const { key, check } = keysOf(root, sealed.salt)
  if (!timingSafeEqual(check, sealed.check)) return 'wrong key'
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(covered(sealed.head, account)).setAuthTag(sealed.tag)
  try {
    return { secret: Buffer.concat([cipher.update(sealed.body), cipher.final()]).toString() }
  } catch {
    return 'altered' // all that `final` says is that the tag does not fit
  }
}

function keysOf(root: Buffer, salt: Buffer): { readonly key: Buffer; readonly check: Buffer } {
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', root, salt, `hoopctl token ${purpose}`, bytes))
  return { key: derive('key', 32), check: derive('check', CHECK_BYTES) }
}

function covered(head: Buffer, account: string): Buffer {
  return Buffer.concat([head, Buffer.from(account)])
}

function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
