import { existsSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { HoopctlError } from '../errors.ts'
import type { PolicySource } from './policy-source.ts'

/** What an administrator has fixed for everybody on this machine. */
export interface ManagedLock {
  /** The file that says so. */
  readonly path: string
  readonly policy: PolicySource
  /** The only issuer that a policy may let people sign in with; null: the policy's word counts. */
  readonly issuer: string | null
  /** hoopctl's name there, for a first sign-in while no policy names it; null: people type it. It binds nobody. */
  readonly clientId: string | null
  /** The folder of config, state, cache and run, absolute or below `~/`; null: the usual directories. */
  readonly home: string | null
}

/** Tells what is locked; null: nothing is. Throws MANAGED_LOCK where the lock is there and cannot be read or trusted. */
export type Managed = () => ManagedLock | null

/** Says where the lock would be. No variable moves it: who may set one is whom it binds. */
export function lockPath(platform: NodeJS.Platform): string {
  return platform === 'darwin'
    ? '/Library/Application Support/hoopctl/managed.yaml'
    : '/etc/hoopctl/managed.yaml'
}

/** Says whether anything is in the place of the lock. What cannot be looked at is there: it may be a lock. */
export function isLockThere(platform: NodeJS.Platform): boolean {
  const path = lockPath(platform)
  return isAnythingAt(path) || isBrokenLink(dirname(path))
}

/** Looks for the lock once. Nothing more is loaded where there is none, which costs one look at the disk. */
export async function findLock(platform: NodeJS.Platform): Promise<Managed> {
  if (!isLockThere(platform)) return () => null
  const path = lockPath(platform)
  try {
    const { readLock } = await import('./read-lock.ts')
    const lock = readLock(path)
    return () => lock
  } catch (failure) {
    const told = failure instanceof HoopctlError ? failure : broken(path, failure)
    return () => {
      throw told
    }
  }
}

/** Refuses what a lock takes out of the person's hands. Throws MANAGED_LOCK. */
export function refuseUnderLock(what: string, lock: ManagedLock | null): void {
  if (lock === null) return
  throw new HoopctlError('MANAGED_LOCK', `${what} cannot be used here: \`${lock.path}\` fixes the policy`, {
    hint: 'ask whoever manages this machine',
  })
}

// Not `stat`: a link that leads nowhere is there.
function isAnythingAt(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

// A folder that is on a disk which is not there now may hold a lock.
function isBrokenLink(folder: string): boolean {
  return isAnythingAt(folder) && !existsSync(folder)
}

function broken(path: string, cause: unknown): HoopctlError {
  const hint = 'ask whoever manages this machine'
  return new HoopctlError('MANAGED_LOCK', `\`${path}\` cannot be read`, { hint, cause })
}
