import { statSync } from 'node:fs'

/**
 * Tells what a file looks like: size, times, inode. A change of it changes one of these; the time of its last change
 * (`ctime`) is there because anyone may set that of its last write. null: it is not there, or cannot be looked at.
 */
export function fileState(path: string): string | null {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(path)
    return `${size} ${mtimeMs} ${ctimeMs} ${ino}`
  } catch {
    return null // whoever reads it says why it cannot be read
  }
}
