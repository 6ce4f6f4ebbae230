import { resolve } from 'node:path'
import { quoted } from '../quoted.ts'
import type { Context } from './context.ts'

/** Writes what a person adds to a command so that it takes the same policy: nothing, or ` --policy` and the path of the file. */
export function underPolicy(policy: string | undefined, { workingDirectory }: Context): string {
  return policy === undefined ? '' : ` --policy ${quoted(resolve(workingDirectory, policy))}`
}
