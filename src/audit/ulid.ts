import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Makes a ULID: 26 characters, the first ten of them the instant in milliseconds, so that ids sort by time.
 */
export function makeUlid(now: Date): string {
  let time = ''
  for (let rest = now.getTime(), i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) {
    time = ALPHABET.charAt(rest % 32) + time
  }
  // One byte for each character: five of its bits are used, which is wasteful and cannot be got wrong.
  let random = ''
  for (const byte of randomBytes(16)) random += ALPHABET.charAt(byte % 32)
  return time + random
}
