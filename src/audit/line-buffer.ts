import { hash } from 'node:crypto'

const INITIAL_BYTES = 64 * 1024
const KEPT_BYTES = 1024 * 1024

/**
 * Lines of a log that wait to be written together. They are laid out once, where they are hashed and written
 * from.
 */
export class LineBuffer {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** The waiting lines, newlines included; good until the next change. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /**
   * Adds a line: `text`, the message's bytes as they are, a closing brace and a newline. Returns the line's
   * SHA-256 (without the newline).
   */
  push(text: string, message: Uint8Array | null): string {
    const start = this.#length
    this.#reserve(text.length * 3 + (message?.length ?? 0) + 2)
    let end = start + this.#buffer.write(text, start)
    if (message !== null) {
      this.#buffer.set(message, end)
      end += message.length
    }
    this.#buffer[end] = 0x7d
    this.#buffer[end + 1] = 0x0a
    this.#length = end + 2
    return hash('sha256', this.#buffer.subarray(start, end + 1))
  }

  clear(): void {
    this.#length = 0
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    larger.set(this.bytes)
    this.#buffer = larger
  }
}
