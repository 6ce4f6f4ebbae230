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
  const fd = openSync(path, 'r')
  try {
    let parts: Uint8Array[] = []
    let held = 0
    let offset = from
    let position = from
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      const rest = chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, position))
      if (rest.length === 0) break
      position += rest.length
      let start = 0
      for (let newline = rest.indexOf(0x0a); newline !== -1; newline = rest.indexOf(0x0a, start)) {
        const bytes = joined(parts, rest.subarray(start, newline))
        parts = []
        held = 0
        yield { bytes, offset, end: 'whole' }
        offset += bytes.length + 1
        start = newline + 1
      }
      parts.push(rest.subarray(start))
      held += rest.length - start
      if (held > LONGEST_LINE_BYTES) return yield { bytes: new Uint8Array(), offset, end: 'long' }
    }
    if (held > 0) yield { bytes: Buffer.concat(parts), offset, end: 'cut' }
  } finally {
    closeSync(fd)
  }
}

function joined(parts: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  return parts.length === 0 ? last : Buffer.concat([...parts, last])
}
