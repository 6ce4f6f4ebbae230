import { join } from 'node:path'
import type { Context } from './context.ts'
import { isThere } from './directories.ts'

/**
 * Names the directory of session logs; it need not be there. Throws FILE_MODE where other users may enter it, or the
 * state directory above it, in which they could put another one in its place.
 */
export function sessionsDirectory(context: Context): string {
  const { state } = context.directories()
  const directory = join(state, 'sessions')
  if (isThere(state)) isThere(directory)
  return directory
}
