import { closeSync, openSync, readSync } from 'node:fs'

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
  #parts: Uint8Array[] = []
  #held = 0
  #offset: number
  #position: number

  constructor(path: string, from = 0) {
    this.#fd = openSync(path, 'r')
    this.#offset = from
    this.#position = from
  }

  /** Gives the lines that have come to their newline since it was last asked; one that is too long is the last. */
  *whole(): Generator<LogLine, void, undefined> {
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      const rest = chunk.subarray(0, readSync(this.#fd, chunk, 0, chunk.length, this.#position))
      if (rest.length === 0) return
      this.#position += rest.length
      let start = 0
      for (let newline = rest.indexOf(0x0a); newline !== -1; newline = rest.indexOf(0x0a, start)) {
        const bytes = joined(this.#parts, rest.subarray(start, newline))
        const offset = this.#offset
        this.#parts = []
        this.#held = 0
        this.#offset += bytes.length + 1
        start = newline + 1
        yield { bytes, offset, end: 'whole' }
      }
      this.#parts.push(rest.subarray(start))
      this.#held += rest.length - start
      if (this.#held > LONGEST_LINE_BYTES) {
        return yield { bytes: new Uint8Array(), offset: this.#offset, end: 'long' }
      }
    }
  }

  /** Gives what stands behind the last newline; null: nothing. */
  rest(): LogLine | null {
    if (this.#held === 0) return null
    return { bytes: Buffer.concat(this.#parts), offset: this.#offset, end: 'cut' }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function joined(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  return parts.length === 0 ? last : Buffer.concat([...parts, last])
}
