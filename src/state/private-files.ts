import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { refuseLooseMode } from '../loose-mode.ts'

/**
 * Makes a directory that only this user may enter (0700), with those above it. Throws FILE_MODE where it is there with a
 * looser mode, and what the system says where it cannot be made.
 */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  refuseLooseMode(path, statSync(path))
}

/**
 * Makes an empty file that only this user may read (0600) where there is none; SQLite would make it as the umask says.
 * One that is there is looked at and never opened: closing it would drop the locks that this process holds on it through
 * SQLite (POSIX: a process loses all its locks on a file when it closes any descriptor of it). Throws as above.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (failure) {
    if (!(failure instanceof Error && 'code' in failure && failure.code === 'EEXIST')) throw failure
    refuseLooseMode(path, statSync(path))
  }
}

/** Checks a file that may be there or not. Throws FILE_MODE where others may touch it. */
export function refuseIfLoose(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats !== undefined) refuseLooseMode(path, stats)
}
