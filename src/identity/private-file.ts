import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HoopctlError } from '../errors.ts'

const LARGEST_BYTES = 1024 * 1024

/**
 * Reads a file that holds secrets; null: it is not there. Throws KEYCHAIN where other users may reach it or its directory, where
 * it is not a plain file of this user, or is larger than 1 MiB: whoever could put it there could choose who we are.
 */
export async function readPrivate(file: string, uid: number): Promise<Buffer | null> {
  const read = async (): Promise<Buffer> => {
    await checkDirectory(dirname(file), uid)
    // A link is not followed, and a pipe that somebody left here does not hold us.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) throw refused(file, 'is not a plain file', remove(file))
      checkPrivate(file, stats, uid)
      if (stats.size > LARGEST_BYTES)
        throw refused(file, 'is larger than any that hoopctl writes', remove(file))
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  }
  return onDisk(file, () => read().catch(unless<null>('ENOENT', null)))
}

/** How a file is put in its place: `replace` what is there, or leave that and throw away what was to be written. */
export type Placing = 'replace' | 'keep'

/**
 * Writes a file that holds secrets (0600) in a directory that only this user may enter (0700). It appears whole or not at all,
 * also where the machine stops meanwhile. Throws KEYCHAIN where that cannot be done.
 */
export async function writePrivate(
  file: string,
  bytes: Buffer,
  uid: number,
  placing: Placing,
): Promise<void> {
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`
  await onDisk(file, async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await checkDirectory(dirname(file), uid)
    try {
      await writeNew(temporary, bytes)
      if (placing === 'replace') await rename(temporary, file)
      else await link(temporary, file).catch(unless('EEXIST', undefined))
    } finally {
      await rm(temporary, { force: true })
    }
    await syncDirectory(dirname(file))
  })
}

/** Removes a file and what writing it may have left behind when it was cut short. One that is not there is no error. */
export async function removePrivate(file: string): Promise<void> {
  const directory = dirname(file)
  await onDisk(file, async () => {
    const names = await readdir(directory).catch(unless<null>('ENOENT', null))
    if (names === null) return
    const ours = names.filter((name) => name.startsWith(basename(file)))
    for (const name of ours) await rm(join(directory, name), { force: true })
    await syncDirectory(directory)
  })
}

async function writeNew(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

// A new name is lost with the power where its directory was not written out.
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function checkDirectory(directory: string, uid: number): Promise<void> {
  const stats = await lstat(directory)
  if (!stats.isDirectory()) throw refused(directory, 'is not a directory', remove(directory))
  checkPrivate(directory, stats, uid)
}

function checkPrivate(path: string, stats: Stats, uid: number): void {
  if (stats.uid !== uid) throw refused(path, 'belongs to another user', remove(path))
  if ((stats.mode & 0o077) === 0) return
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  const wanted = stats.isDirectory() ? '700' : '600'
  throw refused(path, `has mode ${mode}: other users may touch it`, `run: chmod ${wanted} '${path}'`)
}

async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (failure) {
    if (failure instanceof HoopctlError) throw failure
    const code = codeOf(failure)
    if (code === 'ELOOP') throw refused(file, 'is a link, which is not followed', remove(file))
    const hint = `see that you may read and write '${dirname(file)}' and that its disk has room`
    throw new HoopctlError('KEYCHAIN', `\`${file}\` cannot be used: ${code}`, { hint, cause: failure })
  }
}

function unless<T>(code: string, instead: T): (failure: unknown) => T {
  return (failure) => {
    if (codeOf(failure) === code) return instead
    throw failure
  }
}

function codeOf(failure: unknown): string {
  return failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure)
}

function remove(path: string): string {
  return `look at it, remove it (rm -r '${path}'), and run: hoopctl login`
}

function refused(path: string, what: string, hint: string): HoopctlError {
  return new HoopctlError('KEYCHAIN', `\`${path}\` ${what}`, { hint })
}
