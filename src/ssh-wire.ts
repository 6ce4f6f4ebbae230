/** Reads bytes as so many strings of RFC 4251 (section 5: a length of 32 bits, then the bytes), and nothing else; else null. */
export function sshStrings(bytes: Buffer, count: number): readonly Buffer[] | null {
  const found: Buffer[] = []
  let at = 0
  while (found.length < count) {
    if (bytes.length - at < 4) return null
    const start = at + 4
    at = start + bytes.readUInt32BE(at)
    if (at > bytes.length) return null
    found.push(bytes.subarray(start, at))
  }
  return at === bytes.length ? found : null
}

/** Writes a string of RFC 4251: its length in 32 bits, then its bytes. */
export function sshString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Reads an `mpint` of RFC 4251 that is above zero, as its bytes without a leading zero; null where it is not in its one form. */
export function positiveInteger(bytes: Buffer): Buffer | null {
  const [first = 0, second = 0] = bytes
  if (bytes.length === 0 || first >= 0x80) return null
  if (first !== 0) return bytes
  return bytes.length > 1 && second >= 0x80 ? bytes.subarray(1) : null
}

/** Decodes base64 in its one form (RFC 4648, section 4, with padding); null where it is not. */
export function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null
}
