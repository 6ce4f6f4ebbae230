import { lstat, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ifThere } from './place-once.ts'
import { writerOf } from './temporary-name.ts'

const DAY_MS = 86_400_000

/**
 * Removes what processes that were killed have left in a directory: files of processes of this machine that have ended, and
 * others that nobody has written to for a day. What somebody may still be writing stays.
 */
export async function sweepLeftBehind(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const writer = writerOf(name)
    const path = join(directory, name)
    if (writer === 'ended' || (writer === 'unknown' && (await isOld(path)))) await unlink(path).catch(ifThere)
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await lstat(path).catch(ifThere)
  return found !== undefined && Date.now() - found.mtimeMs > DAY_MS
}
