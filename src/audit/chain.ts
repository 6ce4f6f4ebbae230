import type { Clock } from './clock.ts'
import type { DeviceKey } from './device-key.ts'
import { LineBuffer } from './line-buffer.ts'
import { lineStart } from './record-line.ts'

/** Where a chain stands: what the next line will hold, and how far it is signed. */
interface Place {
  readonly seq: number
  readonly at: string
  readonly prev: string
  /** The number of the first record that no signature covers. */
  readonly unsigned: number
}

/**
 * The lines of a log as they are made: each holds its number and the digest of the one before. What is staged
 * waits in memory until it is kept (it was written) or dropped (it was not, and the chain stands where it
 * stood).
 */
export class Chain {
  readonly #lines = new LineBuffer()
  readonly #device: DeviceKey
  readonly #clock: Clock
  #kept: Place
  #staged: Place

  /** @param header the digest and instant of the header, which is written already */
  constructor(header: { readonly digest: string; readonly at: string }, device: DeviceKey, clock: Clock) {
    this.#device = device
    this.#clock = clock
    // A header alone needs no checkpoint: it is covered by the first one after it.
    this.#kept = { seq: 1, at: header.at, prev: header.digest, unsigned: 1 }
    this.#staged = this.#kept
  }

  /** What is staged, as it is to be written; good until the next change. */
  get lines(): Uint8Array {
    return this.#lines.bytes
  }

  get isEmpty(): boolean {
    return this.#lines.isEmpty
  }

  /** How many records, staged ones included, no signature covers. */
  get unsignedRecords(): number {
    return this.#staged.seq - this.#staged.unsigned
  }

  /** The instant for the next record: the clock's, but never before that of the record before. */
  instant(): string {
    const at = this.#clock.micros()
    return at > this.#staged.at ? at : this.#staged.at
  }

  /** Stages a record. `members` may end with `,"message":`, and then `message` follows as it is. */
  stage(kind: string, at: string, members: string, message: Uint8Array | null): void {
    const { seq, prev, unsigned } = this.#staged
    const digest = this.#lines.push(lineStart(seq, at, kind, prev) + members, message)
    this.#staged = { seq: seq + 1, at, prev: digest, unsigned }
  }

  /** Stages a record that is signed, and with it all before it. */
  stageSigned(kind: string, members: string): void {
    const { seq, prev } = this.#staged
    const at = this.instant()
    const text = lineStart(seq, at, kind, prev) + members
    const signature = this.#device.sign(Buffer.from(text)).toString('base64url')
    const digest = this.#lines.push(`${text},"signature":"${signature}"`, null)
    this.#staged = { seq: seq + 1, at, prev: digest, unsigned: seq + 1 }
  }

  keep(): void {
    this.#lines.clear()
    this.#kept = this.#staged
  }

  drop(): void {
    this.#lines.clear()
    this.#staged = this.#kept
  }
}
