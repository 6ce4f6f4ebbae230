import { verify } from 'node:crypto'
import { decodeBase64url } from '../../policy/base64url.ts'
import { parsePublicKey } from '../../policy/public-key.ts'
import { exactly, type Is, matching, text } from '../../shape.ts'
import { parseStrictJson } from '../../strict-json.ts'

/** What a device signs for others to read: a signature for one counts for nothing else. */
export type SignedKind = 'question' | 'over'

/** The key of this device, as far as it signs. */
export interface SigningDevice {
  /** `ed25519:` and the public key in base64url. */
  readonly id: string
  sign(bytes: Uint8Array): Uint8Array
}

/** A longer object is none of ours: no question has more characters, and each may take two bytes or an escape. */
export const MOST_SIGNED_BYTES = 16 * 1024 ** 2

interface Envelope {
  readonly text: string
  readonly device: string
  readonly signature: string
}

const isDevice = matching(/^ed25519:[\w-]{43}$/u)
const isSignature = matching(/^[\w-]{86}$/u)
const SHAPES: Readonly<Record<SignedKind, Is<Omit<Envelope, 'text'>>>> = {
  question: shape('question'),
  over: shape('over'),
}

/** Writes a text with the signature of this device: `{ "question": TEXT, "device": …, "signature": … }`. */
export function signedText(kind: SignedKind, content: string, device: SigningDevice): Uint8Array {
  const signature = Buffer.from(device.sign(covered(kind, content))).toString('base64url')
  return Buffer.from(JSON.stringify({ [kind]: content, device: device.id, signature }))
}

/** Reads such a text of whoever wrote it; null where it is none, or the signature is not by the key that it names. */
export function readSignedText(
  kind: SignedKind,
  bytes: Uint8Array,
): { readonly text: string; readonly device: string } | null {
  if (bytes.length > MOST_SIGNED_BYTES) return null
  const parsed = parseStrictJson(bytes, { fold: true })
  if (!parsed.ok || !SHAPES[kind](parsed.value)) return null
  const { device, signature } = parsed.value
  const content = String(Reflect.get(parsed.value, kind))
  const key = parsePublicKey(device)
  const written = decodeBase64url(signature)
  if (!key.ok || written === null) return null
  return verify(null, covered(kind, content), key.key.key, written) ? { text: content, device } : null
}

function shape(kind: SignedKind): Is<Omit<Envelope, 'text'>> {
  return exactly<Record<string, string>>({
    [kind]: text(MOST_SIGNED_BYTES),
    device: isDevice,
    signature: isSignature,
  }) as Is<unknown> as Is<Omit<Envelope, 'text'>> // these two members stand in the line above
}

function covered(kind: SignedKind, content: string): Buffer {
  return Buffer.from(`hoopctl-${kind}/1\n${content}`)
}
