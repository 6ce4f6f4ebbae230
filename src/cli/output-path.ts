import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quoted } from '../quoted.ts'
import { HoopctlError } from '../errors.ts'
import type { Context } from './context.ts'

/** Finds where a file is to be written. Throws where its folder is not there: before anybody types a passphrase. */
export function outputPath(typed: string, { workingDirectory }: Context): string {
  const path = resolve(workingDirectory, typed)
  if (existsSync(dirname(path))) return path
  const hint = `run: mkdir -p ${quoted(dirname(typed))}`
  throw new HoopctlError('STATE_UNWRITABLE', `there is no directory \`${dirname(typed)}\``, { hint })
}
