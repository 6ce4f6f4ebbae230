import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { stateUnwritable } from '../audit/disk-failure.ts'
import { HoopctlError } from '../errors.ts'

/**
 * Puts bytes into a file in one step that a power cut does not tear: readers see the file before or the file after.
 * Throws STATE_UNWRITABLE.
 * @param mode 0600 for what only this user may read, 0644 for what is published
 */
export function replaceWhole(path: string, bytes: Uint8Array | string, mode: 0o600 | 0o644): void {
  replaceInPieces(path, [bytes], mode)
}

/** Does as `replaceWhole` with what need not fit into memory. What making a piece throws leaves the file as it was. */
export function replaceInPieces(
  path: string,
  pieces: Iterable<Uint8Array | string>,
  mode: 0o600 | 0o644,
): void {
  // Loaded by those that write: a start that writes nothing needs no cryptography.
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = openSync(beside, 'wx', mode)
    try {
      for (const piece of pieces) writeFileSync(file, piece)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw cause instanceof HoopctlError ? cause : stateUnwritable(path, cause)
  }
}
