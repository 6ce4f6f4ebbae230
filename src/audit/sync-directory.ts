import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Waits until the names in a directory are on the disk. Throws what the file system throws. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
