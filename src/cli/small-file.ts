import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { reasonOf } from '../audit/disk-failure.ts'
import { quoted } from '../quoted.ts'
import { HoopctlError } from '../errors.ts'
import { codeOf } from '../system-code.ts'

/** A file's bytes, and what the system says of it. */
export interface SmallFile {
  readonly bytes: Uint8Array
  readonly stats: Stats
}

/** Reads a regular file of at most so many bytes. Throws INPUT_INVALID, with the name as the person typed it. */
export function readSmallFile(path: string, typed: string, maxBytes: number): SmallFile {
  const file = readIfThere(path, typed, maxBytes)
  if (file !== null) return file
  const hint = 'look at what is there with: ls -l'
  throw new HoopctlError('INPUT_INVALID', `there is no file \`${typed}\``, { hint })
}

/** Reads such a file; null where there is none. */
export function readIfThere(path: string, typed: string, maxBytes: number): SmallFile | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // a FIFO must not wait for a writer
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw unreadable(typed, reasonOf(cause), cause)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw unreadable(typed, 'it is not a regular file')
    if (stats.size > maxBytes) throw unreadable(typed, `it is larger than ${maxBytes / 1024} KiB`)
    return { bytes: readAll(file, stats.size, typed), stats }
  } finally {
    closeSync(file)
  }
}

function readAll(file: number, size: number, typed: string): Uint8Array {
  const buffer = Buffer.alloc(size + 1) // one more: a file that grows meanwhile is seen to
  let length = 0
  for (;;) {
    const read = readSync(file, buffer, length, buffer.length - length, null)
    if (read === 0) return buffer.subarray(0, length)
    length += read
    if (length > size) throw unreadable(typed, 'it was written to meanwhile')
  }
}

function unreadable(typed: string, why: string, cause?: unknown): HoopctlError {
  const hint = `look at it with: ls -ld ${quoted(typed)}`
  return new HoopctlError('INPUT_INVALID', `\`${typed}\` cannot be read: ${why}`, { hint, cause })
}
