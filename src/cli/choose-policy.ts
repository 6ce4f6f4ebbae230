import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HoopctlError } from '../errors.ts'
import type { Context } from './context.ts'
import { isThere } from './directories.ts'

/**
 * Chooses the policy file: the one that `--policy` names, else `policy.yaml` in the configuration directory; never the
 * working directory's, never an environment variable's, because whoever controls those is not who decides. Returns an
 * absolute path. Throws NO_POLICY where there is none.
 */
export async function choosePolicy(named: string | undefined, context: Context): Promise<string> {
  if (named !== undefined) return resolve(context.workingDirectory, named)
  const { config } = context.directories()
  const path = join(config, 'policy.yaml')
  if (isThere(config) && (await exists(path))) return path
  const hint = 'run: hoopctl policy init -- COMMAND, or name one with --policy FILE'
  throw new HoopctlError('NO_POLICY', `there is no policy: \`${path}\` does not exist`, { hint })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (failure: NodeJS.ErrnoException) => failure.code !== 'ENOENT', // what else is wrong with it, its reader says
  )
}
