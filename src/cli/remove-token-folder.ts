import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from './context.ts'

/** Removes the folder of token files with the machine's key, once no sign-in is kept in it any more. */
export function removeTokenFolder(context: Context): void {
  const folder = join(context.directories().state, 'tokens')
  try {
    if (readdirSync(folder).some((name) => name.endsWith('.sealed'))) return
    rmSync(folder, { recursive: true })
  } catch {
    // Without tokens the key opens nothing: what cannot be removed does no harm.
  }
}
