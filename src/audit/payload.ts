import { hash } from 'node:crypto'
import type { AuditSettings } from '../records.ts'

/**
 * A message whose bytes are at hand, as they were forwarded (of one that was denied or refused: as they
 * came).
 */
export interface WholeMessage {
  /** One line of valid JSON in UTF-8, without its newline; for a `refused` record whatever came. */
  readonly bytes: Uint8Array
  /**
   * Which setting of `audit.payloads` it falls under; `none`: what a person typed, recorded by digest
   * whatever they say.
   */
  readonly payload: 'requests' | 'results' | 'none'
}

/** A message that was too long to be held: what was counted while it passed, and its first part. */
export interface MeasuredMessage {
  readonly length: number
  readonly sha256: string
  readonly head: Uint8Array
  readonly payload: 'requests' | 'results' | 'none'
}

/**
 * How a message stands in its record: the members that describe it, and the bytes that stand last, if it is
 * whole.
 */
export interface Payload {
  /** `,"bytes":…,"sha256":…`: all that the shortest form of a record says of its message. */
  readonly digest: string
  /** `,"head":…`, `,"message":`, or nothing. */
  readonly introduction: string
  readonly embedded: Uint8Array | null
}

/** Of a record that is about no message. */
export const NO_PAYLOAD: Payload = { digest: '', introduction: '', embedded: null }

/** How much of the first part of a message is recorded where the whole is not: bytes, before any encoding. */
export const HEAD_BYTES = 1024

/**
 * Describes a message for its record: whole up to `maxBytes`, above that its first part, with `digest`
 * neither. What a `refused` record holds is `raw`: no JSON that could be embedded, perhaps not even text, so
 * its first part is base64.
 */
export function describeMessage(
  message: WholeMessage | MeasuredMessage,
  settings: AuditSettings['payloads'],
  raw: boolean,
): Payload {
  const whole = 'bytes' in message
  const length = whole ? message.bytes.length : message.length
  const digest = `,"bytes":${length},"sha256":"${whole ? hash('sha256', message.bytes) : message.sha256}"`
  if (message.payload === 'none' || settings[message.payload] === 'digest') {
    return { digest, introduction: '', embedded: null }
  }
  if (whole && !raw && length <= settings.maxBytes) {
    return { digest, introduction: ',"message":', embedded: message.bytes }
  }
  const head = whole ? message.bytes : message.head
  return { digest, introduction: `,"head":${raw ? base64(head) : firstPart(head)}`, embedded: null }
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('base64')}"`
}

// A code point that is cut in two is left out: a decoder in the middle of a stream keeps its bytes back.
function firstPart(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return JSON.stringify(decoder.decode(bytes.subarray(0, HEAD_BYTES), { stream: true }))
}
