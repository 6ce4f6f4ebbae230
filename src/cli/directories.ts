import { mkdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { HoopctlError } from '../errors.ts'

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
  readonly homeDirectory: () => string
}

/**
 * Names the directories: under `HOOPCTL_HOME` where it is set, else as the XDG specification or macOS say. Touches no
 * disk. Throws INPUT_INVALID when `HOOPCTL_HOME` is relative: what holds must not depend on the working directory.
 */
export function directoriesFor({ env, platform, homeDirectory }: Surroundings): Directories {
  const own = env['HOOPCTL_HOME'] ?? ''
  if (own !== '') return inOneFolder(own)
  const home = absolute(env['HOME']) ?? homeDirectory()
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
 * Creates a directory of ours (0700, with its parents) or checks the one that is there, and returns its path.
 * Throws FILE_MODE when others may enter it or own it, STATE_UNWRITABLE when it cannot be made.
 */
export async function openDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unusable(path, cause)
  }
  return (await existingDirectory(path)) ?? path
}

/** Checks a directory of ours as `openDirectory` does, but makes none: null where there is none. */
export async function existingDirectory(path: string): Promise<string | null> {
  // Links are followed: people keep such directories elsewhere. What counts is the one that is named in the end.
  const stats = await stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null
    throw unusable(path, cause)
  })
  if (stats === null) return null
  if (!stats.isDirectory()) throw unusable(path, 'it is not a directory')
  if (process.getuid !== undefined && stats.uid !== process.getuid()) {
    const hint = `run: sudo chown -R "$(id -un)" ${shellQuoted(path)}`
    throw new HoopctlError('FILE_MODE', `\`${path}\` belongs to another user`, { hint })
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
    const hint = `run: chmod 700 ${shellQuoted(path)}`
    throw new HoopctlError('FILE_MODE', `\`${path}\` is open to other users (mode ${mode})`, { hint })
  }
  return path
}

/** Quotes a word for a POSIX shell where it needs that, so that a hint can be typed as it stands. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
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

function unusable(path: string, cause: unknown): HoopctlError {
  const why = codeOf(cause) ?? (typeof cause === 'string' ? cause : 'it cannot be opened')
  const hint = 'make room for it there, or set HOOPCTL_HOME to a directory of yours'
  return new HoopctlError('STATE_UNWRITABLE', `\`${path}\` cannot be used: ${why}`, { hint, cause })
}

function codeOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null
}
