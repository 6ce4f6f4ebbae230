import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { directoriesFor } from './directories.ts'

/**
 * Names the directory where Node.js may keep our compiled code, and makes it; null where none is safe. Whoever can write
 * there decides what we run, so it is in hoopctl's own cache directory (0700), never in Node's default below /tmp.
 */
export function compileCacheDirectory(
  surroundings: Parameters<typeof directoriesFor>[0],
  uid: number | null,
): string | null {
  try {
    const { cache } = directoriesFor(surroundings)
    const directory = join(cache, 'compile')
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return [cache, directory].every((path) => isOurs(path, uid)) ? directory : null
  } catch {
    return null // slower, not wrong: a command that needs the directories says what is the matter with them
  }
}

function isOurs(path: string, uid: number | null): boolean {
  const stats = lstatSync(path)
  return stats.isDirectory() && (uid === null || stats.uid === uid) && (stats.mode & 0o077) === 0
}
