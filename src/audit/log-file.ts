import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, statSync, writeSync } from 'node:fs'
import { codeOf } from '../system-code.ts'
import { reasonOf } from './disk-failure.ts'
import type { NumberedFile } from './session-number.ts'

/** Why a write failed, in words for a person, and whether room that is given up may help. */
export interface WriteFailure {
  readonly why: string
  readonly lacksSpace: boolean
}

/**
 * The file of one session's log: whole batches of lines go in, or nothing does. After a failure it is cut
 * back to the last whole line; where even that fails, the next write tries it again first.
 */
export class LogFile {
  readonly path: string
  readonly #fd: number
  readonly #inode: number
  readonly #device: number
  readonly #durable: boolean
  #size: number
  #torn = false
  #closed = false

  constructor(file: NumberedFile, durable: boolean) {
    const { ino, dev } = fstatSync(file.fd)
    this.path = file.path
    this.#fd = file.fd
    this.#inode = ino
    this.#device = dev
    this.#durable = durable
    this.#size = file.headerBytes
  }

  /**
   * Writes lines at the end, by one call to the system where that takes them whole. Returns null when they
   * stand.
   */
  write(lines: Uint8Array): WriteFailure | null {
    // The number of a closed descriptor may be another file's by now.
    if (this.#closed) return { why: 'this session is over', lacksSpace: false }
    try {
      if (this.#torn) this.#cutBack()
      this.#torn = true
      for (let offset = 0; offset < lines.length; ) offset += writeSync(this.#fd, lines, offset)
      if (this.#durable) fdatasyncSync(this.#fd)
    } catch (error) {
      this.#tryCutBack()
      return { why: reasonOf(error), lacksSpace: ['ENOSPC', 'EDQUOT'].includes(codeOf(error)) }
    }
    if (!this.#isInPlace()) {
      this.#tryCutBack()
      return { why: 'the file of this session was removed or replaced', lacksSpace: false }
    }
    this.#torn = false
    this.#size += lines.length
    return null
  }

  close(): void {
    this.#closed = true
    closeSync(this.#fd)
  }

  // A log that was deleted, or put elsewhere, still takes what is written: into a file that nobody will ever
  // find.
  #isInPlace(): boolean {
    try {
      const stats = statSync(this.path, { throwIfNoEntry: false })
      return stats !== undefined && stats.ino === this.#inode && stats.dev === this.#device
    } catch {
      return false // a directory above was made unreadable, or is a file by now
    }
  }

  #cutBack(): void {
    ftruncateSync(this.#fd, this.#size)
    this.#torn = false
  }

  #tryCutBack(): void {
    try {
      this.#cutBack()
    } catch {
      // Still torn: the next write begins with this.
    }
  }
}
