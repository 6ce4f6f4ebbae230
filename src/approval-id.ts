// Crockford's base32: no I, L, O and U, so that an id can be read out and typed.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CHARACTERS = 8

/** Writes an approval's id, `A-` and 8 characters: `A-7K2P9QXM`. @param random as many bytes as characters, 5 bits of each are used */
export function approvalId(random: Uint8Array): string {
  const characters = [...random.subarray(0, CHARACTERS)].map((byte) => ALPHABET.charAt(byte % 32))
  if (characters.length < CHARACTERS) throw new Error('an approval id is made of 8 random bytes')
  return `A-${characters.join('')}`
}

/** Reads an approval's id as people type it: in any case, with or without `A-`; null where it is none. */
export function readApprovalId(typed: string): string | null {
  const text = typed.trim().toUpperCase()
  const id = text.startsWith('A-') ? text : `A-${text}`
  return /^A-[0-9A-HJKMNP-TV-Z]{8}$/u.test(id) ? id : null
}
