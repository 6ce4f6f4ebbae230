import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quoted, stateUnwritable } from '../audit/disk-failure.ts'
import { HoopctlError } from '../errors.ts'
import type { Context } from './context.ts'

/** Finds where a file is to be written. Throws where its folder is not there: before anybody types a passphrase. */
export function outputPath(typed: string, { workingDirectory }: Context): string {
  const path = resolve(workingDirectory, typed)
  if (existsSync(dirname(path))) return path
  const hint = `run: mkdir -p ${quoted(dirname(typed))}`
  throw new HoopctlError('STATE_UNWRITABLE', `there is no directory \`${dirname(typed)}\``, { hint })
}

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
