import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { stateUnwritable } from '../audit/disk-failure.ts'

/** Puts a text into a file in one step, beside what it replaces: a web server sees the one before or the one after. */
export function replaceWhole(path: string, text: string): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = openSync(beside, 'wx', 0o644)
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw stateUnwritable(path, cause)
  }
}
