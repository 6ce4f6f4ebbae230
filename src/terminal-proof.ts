import { createPublicKey, type KeyObject, verify } from 'node:crypto'

const DEVICE = /^ed25519:([\w-]{43})$/

/** Writes what a device key signs to say that somebody at a terminal of its user said yes: no record, no seal, no policy. */
export function terminalProofText(challenge: string, user: string): Buffer {
  return Buffer.from(`hoopctl-approval-terminal/1\n${challenge}\n${user}`)
}

/** Is this (base64url, in its one form) the device key's signature that somebody at a terminal said yes? */
export function isTerminalProof(
  device: string,
  challenge: string,
  { user, signature }: { readonly user: string; readonly signature: string },
): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return false
  const key = deviceKeyOf(device)
  return key !== null && verify(null, terminalProofText(challenge, user), key, bytes)
}

/** Reads a device key as records name it, `ed25519:` and 32 bytes in base64url; null where it is none. */
export function deviceKeyOf(device: string): KeyObject | null {
  const x = DEVICE.exec(device)?.[1]
  // 43 characters hold two bits more than 32 bytes: they must be zero, or one key had four names.
  if (x === undefined || Buffer.from(x, 'base64url').toString('base64url') !== x) return null
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    return null
  }
}
