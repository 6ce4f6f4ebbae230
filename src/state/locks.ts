import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { HoopctlError } from '../errors.ts'
import { isBusy } from './busy.ts'
import { makePrivateDirectory, makePrivateFile } from './private-files.ts'

/** How often a lock that another process holds is tried again. */
const POLL_MS = 25

/** Locks between processes of ours. They are SQLite's, so that each ends with the process that held it, however it ends. */
export class Locks {
  readonly #runDirectory: string

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory
  }

  /**
   * Does work while no other process, and nothing else in this one, does work under the same name (lower-case letters, digits and
   * hyphens). Waits without blocking. Throws STATE_UNWRITABLE where the lock was not free within `waitMs` or cannot be
   * made; then the work was not begun.
   */
  async withLock<T>(name: string, waitMs: number, work: () => Promise<T>): Promise<T> {
    const lock = this.#open(name)
    try {
      const end = performance.now() + waitMs
      while (!this.#take(lock, name)) {
        if (performance.now() >= end) throw stillHeld(name, waitMs)
        await setTimeout(POLL_MS)
      }
      return await work()
    } finally {
      lock.close() // gives it back
    }
  }

  #open(name: string): DatabaseSync {
    if (!/^[a-z0-9-]{1,100}$/u.test(name))
      throw new Error('a lock has a name of lower-case letters, digits and hyphens')
    return this.#telling(name, () => {
      makePrivateDirectory(this.#runDirectory)
      makePrivateFile(this.#path(name))
      return new DatabaseSync(this.#path(name)) // whose own wait is none
    })
  }

  // Nothing is ever written, so a holder that dies leaves nothing to undo.
  #take(lock: DatabaseSync, name: string): boolean {
    return this.#telling(name, () => {
      try {
        lock.exec('BEGIN EXCLUSIVE')
        return true
      } catch (failure) {
        if (isBusy(failure)) return false
        throw failure
      }
    })
  }

  #path(name: string): string {
    return join(this.#runDirectory, `${name}.lock`)
  }

  #telling<T>(name: string, work: () => T): T {
    try {
      return work()
    } catch (cause) {
      if (cause instanceof HoopctlError) throw cause
      const why = cause instanceof Error ? cause.message : String(cause)
      const hint = 'see to it that you may write there; a damaged lock may be removed while no hoopctl runs'
      throw new HoopctlError('STATE_UNWRITABLE', `cannot use \`${this.#path(name)}\`: ${why}`, {
        hint,
        cause,
      })
    }
  }
}

function stillHeld(name: string, waitMs: number): HoopctlError {
  const message = `another hoopctl process has held the lock \`${name}\` for more than ${waitMs / 1000} s`
  return new HoopctlError('STATE_UNWRITABLE', message, {
    hint: 'try again; if it stays so, look for it: ps -ef',
  })
}
