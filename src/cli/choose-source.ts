import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { isThere } from './directories.ts'
import { type ManagedLock, refuseUnderLock } from './managed-lock.ts'
import type { PolicySource } from './policy-source.ts'

/** Where the policy is: a file, or a source that serves it signed. */
export type PolicyChoice =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'central'
      readonly source: PolicySource
      /** The lock that fixes it; null: the person named it. */
      readonly lock: ManagedLock | null
    }

/**
 * Chooses the policy: the managed one; else the file that `--policy` names; else the one that `policy add` named; else
 * `policy.yaml` in the configuration directory. Never the working directory's, never an environment variable's, because
 * whoever controls those is not who decides. Throws NO_POLICY where there is none, MANAGED_LOCK where `--policy` would pass
 * by the lock, and what `readConfig` throws.
 */
export async function chooseSource(named: string | undefined, context: Context): Promise<PolicyChoice> {
  const lock = context.managed()
  if (named !== undefined) {
    refuseUnderLock('`--policy`', lock)
    return { kind: 'file', path: resolve(context.workingDirectory, named) }
  }
  if (lock !== null) return { kind: 'central', source: lock.policy, lock }
  const { policy } = await readConfig(context)
  if (policy !== null) return { kind: 'central', source: policy, lock: null }
  const { config } = context.directories()
  const path = join(config, 'policy.yaml')
  if (isThere(config) && exists(path)) return { kind: 'file', path }
  const hint =
    'run: hoopctl policy init -- COMMAND, or: hoopctl policy add URL --trust DIGEST; or name a file with --policy FILE'
  throw new HoopctlError('NO_POLICY', `there is no policy: \`${path}\` does not exist`, { hint })
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true // what is wrong with it, its reader says
  }
}
