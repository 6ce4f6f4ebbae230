import { mkdirSync, type Stats, statSync } from 'node:fs'
import { HoopctlError } from '../errors.ts'
import { codeOf, quoted, stateUnwritable } from './disk-failure.ts'

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

/**
 * Throws FILE_MODE, with the command that mends it, where others may read, write or enter what is ours alone.
 */
export function refuseLooseMode(path: string, stats: Stats): void {
  if ((stats.mode & 0o077) === 0) return
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  const wanted = stats.isDirectory() ? '700' : '600'
  throw new HoopctlError('FILE_MODE', `\`${path}\` has mode ${mode}: other users may touch it`, {
    hint: `run: chmod ${wanted} ${quoted(path)}`,
  })
}

// `mkdir -p` says EEXIST where the last part of the path is a file.
function notADirectory(error: unknown): unknown {
  return codeOf(error) === 'EEXIST' ? Object.assign(new Error('not a directory'), { code: 'ENOTDIR' }) : error
}
