import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../digest.ts'

const CHUNK_BYTES = 1 << 20

/**
 * Digests the file of a command for the log: SHA-256 of its bytes, or null where it cannot be read. An interpreter has
 * 100 MB, so the digest is kept in `cache` under what identifies the file's content to the system (device, inode, size,
 * times; the change time is not a user's to set). What enforces a digest asks `digestOf`, which keeps nothing.
 */
export function commandDigest(file: string, cache: string): string | null {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    const entry = join(cache, `${sha256([file, dev, ino, size, mtimeNs, ctimeNs].join('\0'))}.sha256`)
    const kept = keptDigest(entry)
    if (kept !== null) return kept
    const digest = digestOf(file)
    if (digest !== null) keep(entry, cache, digest)
    return digest
  } catch {
    return null // gone meanwhile: the log says null
  }
}

/** Digests a file: SHA-256 as 64 hexadecimal digits, null where it cannot be read. */
export function digestOf(file: string): string | null {
  try {
    return hashed(file)
  } catch {
    return null // a pin does not match what cannot be read
  }
}

function keptDigest(entry: string): string | null {
  try {
    const digest = readFileSync(entry, 'latin1')
    return /^[0-9a-f]{64}$/.test(digest) ? digest : null
  } catch {
    return null // not cached yet
  }
}

function keep(entry: string, cache: string, digest: string): void {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    const temporary = `${entry}.${process.pid}`
    writeFileSync(temporary, digest, { mode: 0o600 })
    renameSync(temporary, entry)
  } catch {
    // A cache that cannot be written costs time, nothing else.
  }
}

function hashed(file: string): string {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  const fd = openSync(file, 'r')
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer))
      hash.update(buffer.subarray(0, read))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}
