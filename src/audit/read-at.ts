import { readSync } from 'node:fs'

/**
 * Reads so many bytes of an open file from a place on, fewer where it ends before. Their memory is their own: whoever is given
 * them may keep them. Throws what the file system throws.
 */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
