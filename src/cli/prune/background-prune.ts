import { closeSync, mkdirSync, openSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../digest.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Context } from '../context.ts'
import { spawnDetached } from '../spawn-detached.ts'

const DAY_MS = 86_400_000

/**
 * Has another process remove the logs that a policy keeps no longer (`hoopctl sessions prune`), once a day for each policy
 * that says how long it keeps them. Nobody waits for it.
 * @param named `--policy`, as it was typed
 */
export function pruneOnceADay(policy: Policy, named: string | undefined, context: Context): void {
  if (policy.audit.retainMs === null || !isDue(policy, context)) return
  spawnDetached(['sessions', 'prune'], named, context).once('error', () => undefined) // tomorrow again
}

// A mark in the cache: where it is lost, or cannot be made, logs are looked at more often, or not by themselves.
function isDue({ name, signed }: Policy, { directories, now }: Context): boolean {
  const folder = join(directories().cache, 'pruned')
  const mark = join(folder, sha256(`${signed} ${name}`).slice(0, 16))
  const at = now()
  try {
    const sinceMs = at.getTime() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (sinceMs >= 0 && sinceMs < DAY_MS) return false
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(mark, 'a', 0o600))
    utimesSync(mark, at, at)
    return true
  } catch {
    return false
  }
}
