import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../system-code.ts'
import { refuseLonger } from './object-bounds.ts'
import { refuseOddName } from './object-name.ts'
import type { ObjectSource, ReadObject } from './object-source.ts'
import { unreachable } from './unreachable.ts'

/** Opens a directory as a source; the etag of a file is its digest. */
export function fileSource(directory: string): ObjectSource {
  return {
    async read(name, known, maxBytes): Promise<ReadObject> {
      refuseOddName(name)
      const path = join(directory, name)
      try {
        const bytes = await readUpTo(path, maxBytes)
        const etag = createHash('sha256').update(bytes).digest('hex')
        return known?.etag === etag ? { status: 'unchanged' } : { status: 'read', bytes, etag }
      } catch (error) {
        return ifMissing(path, error)
      }
    },
  }
}

/** Reads a file that has no more bytes than that. Throws UNREACHABLE for a longer one, and what the file system throws. */
export async function readUpTo(path: string, maxBytes: number): Promise<Uint8Array> {
  // Not blocking: to open a pipe would wait for somebody who writes.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (!(await file.stat()).isFile()) throw unreachable(`\`${path}\` is not a file`, 'check the URL')
  const bytes = await readFully(file, maxBytes + 1)
  refuseLonger(bytes, maxBytes, path)
  return bytes
}

async function readFully(file: FileHandle, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let left = most; left > 0; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(left, 64 * 1024)))
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks)
}

function ifMissing(path: string, error: unknown): ReadObject {
  const code = codeOf(error)
  if (code === 'ENOENT') return { status: 'missing' }
  if (code === '') throw error
  throw unreachable(`\`${path}\` cannot be read (${code})`, 'check the path, and who may read it', error)
}
