import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/**
 * Opens a regular file to be read. Throws what the file system throws, and EFTYPE for what is no file: to open a pipe would wait
 * for somebody who writes, and a device has no end.
 */
export function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const found = fstatSync(fd)
  if (found.isFile() || found.isDirectory()) return fd // reading a directory says what it is
  closeSync(fd)
  throw Object.assign(new Error('no regular file'), { code: 'EFTYPE' })
}

/** Reads a regular file as text. Throws what `openRegular` throws. */
export function readRegular(path: string): string {
  const fd = openRegular(path)
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}
