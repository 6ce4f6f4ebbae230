import { createHash, type Hash } from 'node:crypto'
import { OversizeReader, type OversizeEnvelope } from './oversize.ts'

/** One line of a stream: its bytes without the newline, or, where it was longer than the limit, what is known of it. */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'oversize'
      readonly bytes: number
      readonly sha256: string
      readonly head: Uint8Array
      readonly envelope: OversizeEnvelope
    }

const HEAD_BYTES = 1024

/**
 * Splits a byte stream into lines at LF; a CR right before it belongs to the line end. Empty lines are dropped. A line
 * above `maxBytes` is hashed and scanned for its id as it passes, never held. `push` and `end` return whole lines only,
 * whatever the chunks were.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #held: Uint8Array[] = []
  #heldBytes = 0
  #oversize: Oversize | null = null

  /** @param maxBytes the limit for one line, in bytes, without its line end */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes a chunk and returns the lines that it completes. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      this.#take(chunk.subarray(start, end))
      this.#finish(lines, true)
      start = end + 1
    }
    if (start < chunk.length) this.#take(chunk.subarray(start))
    return lines
  }

  /** Returns the last line where the stream ended without a newline. */
  end(): Line[] {
    const lines: Line[] = []
    this.#finish(lines, false) // a CR at the end of it is no part of a line end
    return lines
  }

  /** Whether it is in a line that is too long to be held. */
  get isOversize(): boolean {
    return this.#oversize !== null
  }

  /** Gives back what is held of a line that has not ended; null: it is too long, and was not held. */
  takeBack(): Uint8Array | null {
    if (this.#oversize !== null) return null
    const held = join(this.#held, this.#heldBytes)
    this.#held = []
    this.#heldBytes = 0
    return held
  }

  #take(part: Uint8Array): void {
    if (this.#oversize !== null) return this.#oversize.push(part)
    this.#held.push(part)
    this.#heldBytes += part.length
    if (this.#heldBytes <= this.#maxBytes + 1) return // one more: it may be the CR of the line end
    this.#oversize = new Oversize()
    for (const held of this.#held) this.#oversize.push(held)
    this.#held = []
    this.#heldBytes = 0
  }

  #finish(lines: Line[], atNewline: boolean): void {
    const oversize = this.#oversize
    if (oversize !== null) {
      lines.push(oversize.finish())
      this.#oversize = null
      return
    }
    const held = join(this.#held, this.#heldBytes)
    const bytes = atNewline ? withoutCr(held) : held
    this.#held = []
    this.#heldBytes = 0
    if (bytes.length > this.#maxBytes) {
      const passed = new Oversize()
      passed.push(bytes)
      lines.push(passed.finish())
    } else if (bytes.length > 0) {
      lines.push({ kind: 'line', bytes })
    }
  }
}

/** What is kept of a line that is too long: a digest, its first bytes, the members of its envelope. */
class Oversize {
  readonly #hash: Hash = createHash('sha256')
  readonly #envelope = new OversizeReader()
  #head: Uint8Array = new Uint8Array(0)
  #bytes = 0

  push(part: Uint8Array): void {
    this.#hash.update(part)
    this.#envelope.push(part)
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, part.subarray(0, HEAD_BYTES - this.#head.length)])
    }
    this.#bytes += part.length
  }

  finish(): Line {
    const envelope = this.#envelope.envelope()
    return {
      kind: 'oversize',
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
      head: this.#head,
      envelope,
    }
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length)
}

function withoutCr(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 0x0d ? bytes.subarray(0, -1) : bytes
}
