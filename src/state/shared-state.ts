import { HoopctlError } from '../errors.ts'
import { listen, ring } from './bell.ts'
import { Database } from './database.ts'
import { makePrivateDirectory } from './private-files.ts'

/** What hoopctl's processes share, and how one notices what another did. */
export class SharedState {
  readonly database: Database
  readonly #runDirectory: string
  readonly #listeners = new Set<{ readonly call: () => void }>()
  #stopListening: (() => void) | null = null
  #seen: number

  constructor(database: Database, runDirectory: string) {
    this.database = database
    this.#runDirectory = runDirectory
    this.#seen = database.version()
  }

  /**
   * Tells whether another connection wrote since this was last asked; asked before each decision, so it takes a few
   * microseconds. What this process wrote itself does not count. Throws STATE_UNWRITABLE where the database is gone,
   * replaced or cannot be read: then nothing is active.
   */
  changed(): boolean {
    const version = this.database.version()
    if (version === this.#seen) return false
    this.#seen = version
    return true
  }

  /** Wakes the other processes after a change: they would notice it themselves at their next decision. */
  ring(): void {
    ring(this.#runDirectory)
  }

  /**
   * Calls within a second of a change by another process, also when the database ceases to be readable; may call for
   * nothing. Keeps no process alive. Returns what ends it.
   */
  onBell(call: () => void): () => void {
    const listener = { call }
    this.#listeners.add(listener)
    const callAll = () => this.#listeners.forEach((each) => each.call())
    this.#stopListening ??= listen(this.#runDirectory, () => this.database.version(), callAll)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** Ends it for all who hold on to it. */
  close(): void {
    this.#stop()
    this.database.close()
  }

  #stop(): void {
    this.#stopListening?.()
    this.#stopListening = null
  }
}

/**
 * Opens the state that processes share, making both directories (0700) and the database (0600) on first use. Throws
 * FILE_MODE where one of them has a looser mode, STATE_UNWRITABLE where it cannot be read or made or was made by a newer
 * hoopctl.
 */
export function openSharedState(stateDirectory: string, runDirectory: string): SharedState {
  try {
    makePrivateDirectory(runDirectory)
  } catch (cause) {
    if (cause instanceof HoopctlError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = 'see to it that you may write there'
    throw new HoopctlError('STATE_UNWRITABLE', `cannot use \`${runDirectory}\`: ${why}`, { hint, cause })
  }
  const database = new Database(stateDirectory)
  try {
    return new SharedState(database, runDirectory)
  } catch (failure) {
    database.close()
    throw failure
  }
}
