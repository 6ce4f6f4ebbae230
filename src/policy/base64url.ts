/**
 * Decodes base64url without padding (RFC 7515, section 2); null where the text is not the one way to write those bytes:
 * other alphabets, padding, white space and stray bits at the end are read differently by different decoders.
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}
