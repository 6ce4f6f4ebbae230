import { closeSync } from 'node:fs'
import { openRegular } from './open-regular.ts'
import { readAt } from './read-at.ts'

const CHUNK_BYTES = 64 * 1024
/** No line that hoopctl writes is longer; one that is would have to be held in memory. */
export const LONGEST_LINE_BYTES = 256 * 1024 * 1024

/** A line of a log, without its newline. */
export interface LogLine {
  readonly bytes: Uint8Array
  /** Where it begins in the file. */
  readonly offset: number
  /** `cut`: the file ends before the newline; `long`: above the limit. Either is the last that is read. */
  readonly end: 'whole' | 'cut' | 'long'
}

/** Reads a file line by line from there on, in memory for one line. Throws what the file system throws. */
export function* readLines(path: string, from = 0): Generator<LogLine, void, undefined> {
  const reader = new LineReader(path, from)
  try {
    for (const line of reader.whole()) {
      yield line
      if (line.end === 'long') return
    }
    const rest = reader.rest()
    if (rest !== null) yield rest
  } finally {
    reader.close()
  }
}

/** Reads the lines of a file, also while it grows. Throws what the file system throws. */
export class LineReader {
  readonly #fd: number
  /** Where the line begins whose newline was not found yet, and to where it was looked for. */
  #offset: number
  #position: number

  constructor(path: string, from = 0) {
    this.#fd = openRegular(path)
    this.#offset = from
    this.#position = from
  }

  /** Gives the lines that have come to their newline since it was last asked; one that is too long is the last. */
  *whole(): Generator<LogLine, void, undefined> {
    for (;;) {
      const position = this.#position
      const chunk = this.#read(position, position + CHUNK_BYTES)
      if (chunk.length === 0) return
      this.#position += chunk.length
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, this.#offset - position)) {
        const offset = this.#offset
        // What began in an earlier chunk is read once more, so that a long line is held once, not in parts and as a whole.
        const isHere = offset >= position
        const bytes = isHere ? chunk.subarray(offset - position, end) : this.#read(offset, position + end)
        this.#offset = position + end + 1
        yield { bytes, offset, end: 'whole' }
      }
      if (this.#position - this.#offset > LONGEST_LINE_BYTES) {
        return yield { bytes: new Uint8Array(), offset: this.#offset, end: 'long' }
      }
    }
  }

  /** Gives what stands behind the last newline; null: nothing. */
  rest(): LogLine | null {
    if (this.#position === this.#offset) return null
    return { bytes: this.#read(this.#offset, this.#position), offset: this.#offset, end: 'cut' }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #read(from: number, to: number): Buffer {
    return readAt(this.#fd, from, to - from)
  }
}
