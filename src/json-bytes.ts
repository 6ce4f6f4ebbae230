// What the bytes of a string in a JSON text may be (RFC 8259, section 7), as tables: nearly every byte of a message is looked up.

/** What a string begins and ends with. */
export const QUOTE = 0x22
/** What an escape begins with. */
export const BACKSLASH = 0x5c

// Of each byte, 1 where it stands for itself in a string.
const PLAIN = table((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH)

/** Of each byte, 1 where it may follow a backslash, but for the `u` of four digits. */
export const ESCAPED = table((byte) => '"\\/bfnrt'.includes(String.fromCharCode(byte)))

/**
 * Finds the first byte that does not stand for itself in a string, or gives `length`: how many bytes there are. A function by
 * itself, with the length at hand: as part of a larger loop it took twice as long.
 */
export function plainEnd(bytes: Uint8Array, start: number, length: number): number {
  let at = start
  while (at < length && PLAIN[bytes[at] ?? 0] === 1) at++
  return at
}

/** Makes a table of bytes: 1 for each of which something holds. */
export function table(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0))
}

/** Tells whether the four bytes from here on are the digits of `\uXXXX`. */
export function areHex(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 4; at += 1) {
    const byte = bytes[at] ?? 0
    const letter = byte | 0x20
    if (!isDigit(byte) && (letter < 0x61 || letter > 0x66)) return false
  }
  return true
}

/** Tells whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
