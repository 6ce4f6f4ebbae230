import type { Readable, Writable } from 'node:stream'
import { type Directories, directoriesFor } from './directories.ts'
import type { Managed } from './managed-lock.ts'

/** What a command may touch. main.ts builds the one real one; tests build their own. */
export interface Context {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Results, and nothing else; in `wrap` it is the protocol. */
  readonly stdout: Output
  /** Everything that people read beside results. */
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** How hoopctl was started, for entries that must work without PATH: Node.js and the launcher, absolute. */
  readonly launcher: readonly [string, string]
  /** hoopctl's own version. */
  readonly version: string
  readonly workingDirectory: string
  /** Where things are kept. Nothing is made or checked yet: who opens a store does that. */
  readonly directories: () => Directories
  /** What an administrator has fixed on this machine; null: nothing. Throws MANAGED_LOCK where nobody can tell. */
  readonly managed: Managed
  /**
   * Calls back when a signal asks the process to end (SIGTERM, SIGINT, SIGHUP), which then does not end by itself; returns how
   * to stop that.
   */
  readonly onSignal: (ask: (signal: NodeJS.Signals) => void) => () => void
  /** Ends the process at once, with 128 and the signal's number. */
  readonly endBy: (signal: NodeJS.Signals) => void
  /** Sets what the process ends with once nothing is left to do; for an end that is no HoopctlError. */
  readonly setExitCode: (code: number) => void
}

/** A stream to a person or a program; `columns` and `rows` are the size of a terminal. */
export type Output = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** The parts of the world that a Context is made of. */
export type World = Omit<Context, 'directories'> & {
  readonly platform: NodeJS.Platform
  /** The home directory that the user database names, for when `HOME` is missing. */
  readonly homeDirectory: () => string
}

/** Builds a Context from the parts of the world; nothing is read or opened before a command asks for it. */
export function createContext(world: World): Context {
  return {
    get stdin() {
      return world.stdin // a getter, because Node opens `process.stdin` on first sight
    },
    get stdout() {
      return world.stdout
    },
    get stderr() {
      return world.stderr
    },
    env: world.env,
    now: world.now,
    launcher: world.launcher,
    version: world.version,
    get workingDirectory() {
      return world.workingDirectory
    },
    directories: () => directoriesFor(world),
    managed: world.managed,
    onSignal: world.onSignal,
    endBy: world.endBy,
    setExitCode: world.setExitCode,
  }
}
