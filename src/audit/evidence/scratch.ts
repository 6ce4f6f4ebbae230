import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const SCRATCH = 'evidence-'
const DAY_MS = 86_400_000

/** Makes a directory in which a log is put together, and removes those that were left behind. Throws what the file system throws. */
export function makeScratch(parent: string, now: Date): string {
  sweep(parent, now)
  return mkdtempSync(join(parent, SCRATCH))
}

// Whoever is stopped by a signal leaves a log behind: it is a person's, and nobody would look for it here.
function sweep(parent: string, now: Date): void {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(SCRATCH))) {
    const path = join(parent, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && now.getTime() - stats.mtimeMs > DAY_MS)
      rmSync(path, { recursive: true, force: true })
  }
}
