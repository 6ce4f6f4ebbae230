import { createHash } from 'node:crypto'

/** Computes the SHA-256 of bytes (a string counts as UTF-8) as 64 lower-case hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
