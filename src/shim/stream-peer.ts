import type { Writable } from 'node:stream'
import type { Peer } from './shim.ts'

const JOIN_BELOW_BYTES = 64 * 1024
const NEWLINE = Buffer.from('\n')

/** Writes messages to a stream, a line each; those of one turn leave together. */
export class StreamPeer implements Peer {
  readonly #stream: Writable
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  constructor(stream: Writable) {
    this.#stream = stream
  }

  send(message: Uint8Array | string): void {
    const bytes = typeof message === 'string' ? Buffer.from(message) : message
    this.#waiting.push(bytes, NEWLINE)
    this.#waitingBytes += bytes.length + 1
  }

  /** Writes what was sent since the last call; returns how many bytes that were. */
  flush(): number {
    if (this.#waiting.length === 0) return 0
    const waiting = this.#waiting
    const bytes = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#stream.destroyed || this.#stream.writableEnded) return 0 // whoever read it is gone
    if (bytes < JOIN_BELOW_BYTES) {
      this.#stream.write(Buffer.concat(waiting, bytes))
      return bytes
    }
    this.#stream.cork()
    for (const part of waiting) this.#stream.write(part)
    this.#stream.uncork()
    return bytes
  }

  /** Must whoever fills this stream wait? `reserve`: how many bytes more than the stream's own limit are fine. */
  isFull(reserve = 0): boolean {
    const { destroyed, writableEnded, writableNeedDrain, writableLength } = this.#stream
    return !destroyed && !writableEnded && writableNeedDrain && writableLength > reserve
  }

  /** Calls back when the stream has taken all that was written to it, or is gone. */
  drained(then: () => void): void {
    if (this.#stream.destroyed) then()
    else this.#stream.write('', () => then())
  }
}
