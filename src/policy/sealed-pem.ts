import { createCipheriv, randomBytes, scryptSync } from 'node:crypto'

// Dotted numbers of the standards, as DER: PBES2 (RFC 8018, appendix A.4), scrypt (RFC 7914, section 7), AES-256-CBC.
const PBES2 = Buffer.from('06092a864886f70d01050d', 'hex')
const SCRYPT = Buffer.from('06092b06010401da47040b', 'hex')
const AES_256_CBC = Buffer.from('060960864801650304012a', 'hex')
// The dearest that OpenSSL opens with its own limits: it refuses to spend 32 MiB or more on a key file.
const COST = { N: 2 ** 14, r: 8, p: 5 }

/**
 * Encrypts a PKCS #8 key as PEM (RFC 5958, section 3), by a key that scrypt makes of the passphrase. Not by Node.js's own
 * export: it counts on 2048 rounds of PBKDF2, and whoever copies the file tries a million passphrases a second.
 */
export function sealPem(pkcs8: Uint8Array, passphrase: string): string {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const cipher = createCipheriv('aes-256-cbc', scryptSync(passphrase, salt, 32, COST), iv)
  const sealed = Buffer.concat([cipher.update(pkcs8), cipher.final()])
  const cost = sequence(octets(salt), integer(COST.N), integer(COST.r), integer(COST.p))
  const how = sequence(sequence(SCRYPT, cost), sequence(AES_256_CBC, octets(iv)))
  const lines =
    sequence(sequence(PBES2, how), octets(sealed))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join(
    '\n',
  )
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function octets(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes)
}

// Positive: a first byte from 0x80 on would be read as a sign.
function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return tagged(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]))
}

function tagged(tag: number, contents: Uint8Array): Buffer {
  const { length } = contents
  return Buffer.concat([length < 0x80 ? Buffer.of(tag, length) : Buffer.of(tag, 0x81, length), contents])
}
