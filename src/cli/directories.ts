import { statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { stateUnwritable } from '../audit/disk-failure.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { HoopctlError } from '../errors.ts'
import { codeOf } from '../system-code.ts'
import type { Managed } from './managed-lock.ts'

/** Where hoopctl keeps what it keeps, as absolute paths. */
export interface Directories {
  readonly config: string
  readonly state: string
  readonly cache: string
  readonly run: string
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** The home directory that the user database names. */
  readonly homeDirectory: () => string
  readonly managed: Managed
}

/**
 * Names the directories: under `HOOPCTL_HOME` where it is set, else as the XDG specification or macOS say. Touches no
 * disk. Throws INPUT_INVALID when `HOOPCTL_HOME` is relative: what holds must not depend on the working directory; and
 * MANAGED_LOCK where there is a lock that cannot be read.
 */
export function directoriesFor({ env, platform, homeDirectory, managed }: Surroundings): Directories {
  const lock = managed()
  // Variables name nothing under a lock, HOME neither: in another place nobody would know what was seen and activated.
  if (lock !== null) return lockedIn(lock.home, homeDirectory(), platform)
  const own = env['HOOPCTL_HOME'] ?? ''
  if (own !== '') return inOneFolder(own)
  return below(absolute(env['HOME']) ?? homeDirectory(), env, platform)
}

function lockedIn(folder: string | null, home: string, platform: NodeJS.Platform): Directories {
  if (folder === null) return below(home, {}, platform)
  return inOneFolder(folder.startsWith('~/') ? join(home, folder.slice(2)) : folder)
}

function below(home: string, env: Surroundings['env'], platform: NodeJS.Platform): Directories {
  if (platform === 'darwin') return onMacOs(home)
  const state = join(absolute(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'hoopctl')
  const runtime = absolute(env['XDG_RUNTIME_DIR'])
  return {
    config: join(absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'hoopctl'),
    state,
    cache: join(absolute(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), 'hoopctl'),
    run: runtime === null ? join(state, 'run') : join(runtime, 'hoopctl'),
  }
}

/**
 * Checks a directory of ours and says whether it is there; makes none. Throws FILE_MODE where other users may enter it,
 * STATE_UNWRITABLE where it cannot be looked at.
 */
export function isThere(directory: string): boolean {
  try {
    refuseLooseMode(directory, statSync(directory))
    return true
  } catch (failure) {
    if (codeOf(failure) === 'ENOENT') return false
    throw failure instanceof HoopctlError ? failure : stateUnwritable(directory, failure)
  }
}

function inOneFolder(folder: string): Directories {
  if (!isAbsolute(folder)) {
    const hint = 'set HOOPCTL_HOME to a path that begins with `/`'
    throw new HoopctlError('INPUT_INVALID', `HOOPCTL_HOME is \`${folder}\`, which is no absolute path`, {
      hint,
    })
  }
  return {
    config: join(folder, 'config'),
    state: join(folder, 'state'),
    cache: join(folder, 'cache'),
    run: join(folder, 'run'),
  }
}

// macOS knows no state or run directory: both live where applications keep what they need.
function onMacOs(home: string): Directories {
  const support = join(home, 'Library', 'Application Support', 'hoopctl')
  return {
    config: support,
    state: support,
    cache: join(home, 'Library', 'Caches', 'hoopctl'),
    run: join(support, 'run'),
  }
}

// "All paths set in these environment variables must be absolute. If an implementation encounters a relative path […]
// it should consider the path invalid and ignore it." (XDG Base Directory Specification 0.8)
function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null
}
