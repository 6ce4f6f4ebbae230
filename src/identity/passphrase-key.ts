import { scrypt } from 'node:crypto'
import type { Secret } from '../secret.ts'

/**
 * What one try costs: 128 MiB and, on a laptop, a third of a second. Part of the file's format (`hoopctl token 1`), so that no
 * file can ask for less.
 */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 1024 * 1024 } as const

/** Derives 32 bytes from a passphrase, off the main thread. Spellings that Unicode holds to be one are one. */
export function passphraseKey(passphrase: Secret, salt: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(passphrase.reveal().normalize('NFC'), salt, 32, COST, (error, key) =>
    error === null ? resolve(key) : reject(error),
  )
  return promise
}
