import { mkdirSync, statSync } from 'node:fs'
import { HoopctlError } from '../errors.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { codeOf } from '../system-code.ts'
import { stateUnwritable } from './disk-failure.ts'

/**
 * Makes a directory that only this user may enter (0700), with those above it. Throws FILE_MODE where it is
 * there with a looser mode, STATE_UNWRITABLE where it cannot be made.
 */
export function ensurePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    refuseLooseMode(path, statSync(path))
  } catch (error) {
    throw error instanceof HoopctlError ? error : stateUnwritable(path, notADirectory(error))
  }
}

// `mkdir -p` says EEXIST where the last part of the path is a file.
function notADirectory(error: unknown): unknown {
  return codeOf(error) === 'EEXIST' ? Object.assign(new Error('not a directory'), { code: 'ENOTDIR' }) : error
}
