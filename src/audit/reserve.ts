import { randomFillSync } from 'node:crypto'
import { closeSync, ftruncateSync, writeSync } from 'node:fs'
import { openTemporary, removeIfThere } from './temporary-file.ts'

const STEP_BYTES = 16 * 1024
/** The unit in which file systems give space back. */
const BLOCK_BYTES = 4096

/**
 * Disk space kept in advance: a file that is really written, and given back piece by piece when the log needs
 * it. It has no name (it is removed while open), so the kernel frees it when this process ends, however it
 * ends.
 */
export class Reserve {
  readonly #directory: string
  #fd: number | null = null
  #size = 0

  /** @param directory where the log is: the space must be kept on the same file system */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Sees to it that so many bytes are kept. Grows in steps, so that most calls cost a comparison. */
  ensure(bytes: number): boolean {
    if (this.#size >= bytes) return true
    try {
      this.#fd ??= openUnnamed(this.#directory)
      while (this.#size < bytes) this.#grow(this.#fd)
      return true
    } catch {
      return false // no space: the caller denies, and says so
    }
  }

  /** Gives one block back to the file system; false when none is left. */
  release(): boolean {
    if (this.#fd === null || this.#size === 0) return false
    this.#size = Math.max(0, this.#size - BLOCK_BYTES)
    try {
      ftruncateSync(this.#fd, this.#size)
      return true
    } catch {
      return false
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
    this.#size = 0
  }

  // Random bytes: a file system that compresses would keep no space for zeros.
  #grow(fd: number): void {
    const bytes = randomFillSync(Buffer.allocUnsafe(STEP_BYTES))
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written)
      this.#size += STEP_BYTES
    } catch (error) {
      // What was got beyond the whole steps is given back: others may need it more than half a promise does.
      ftruncateSync(fd, this.#size)
      throw error
    }
  }
}

function openUnnamed(directory: string): number {
  const file = openTemporary(directory)
  removeIfThere(file.path)
  return file.fd
}
