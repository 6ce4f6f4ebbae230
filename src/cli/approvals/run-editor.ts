import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoopctlError } from '../../errors.ts'
import type { Context } from '../context.ts'

/**
 * Lets the person edit a text in $VISUAL, $EDITOR or vi, in the terminal as it is. Gives what they left; null where the
 * editor said that it failed. Throws CANCELLED where none could be started.
 */
export async function runEditor(text: string, { env }: Pick<Context, 'env'>): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'hoopctl-edit-')) // readable by this user only
  const path = join(folder, 'arguments.json')
  try {
    await writeFile(path, text, { mode: 0o600 })
    const editor = [env['VISUAL'], env['EDITOR']].find((one) => one !== undefined && one !== '') ?? 'vi'
    return (await ended(editor, path)) === 0 ? await readFile(path, 'utf8') : null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// Through a shell, as git does: the variable may hold arguments, such as `code --wait`.
async function ended(editor: string, path: string): Promise<number | null> {
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'hoopctl', path], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const hint = 'set VISUAL or EDITOR to an editor that is there'
      reject(new HoopctlError('CANCELLED', 'no editor could be started', { hint, cause }))
    })
    child.once('exit', resolve)
  })
}
