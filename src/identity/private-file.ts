import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { HoopctlError } from '../errors.ts'

const LARGEST_BYTES = 1024 * 1024

/**
 * Reads a file that holds secrets; null: it is not there. Throws KEYCHAIN where other users may reach it or its directory, where
 * it is not a plain file of this user, or is larger than 1 MiB: whoever could put it there could choose who we are.
 */
export async function readPrivate(file: string, uid: number): Promise<Buffer | null> {
  return onDisk(file, () => {
    try {
      return readNow(file, uid)
    } catch (failure) {
      return unless('ENOENT', null, failure)
    }
  })
}

// At once, as everything here: a small file is read in a fraction of the time that threads and promises take to load.
function readNow(file: string, uid: number): Buffer {
  checkDirectory(dirname(file), uid)
  // A link is not followed, and a pipe that somebody left here does not hold us.
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw refused(file, 'is not a plain file', remove(file))
    checkPrivate(file, stats, uid)
    if (stats.size > LARGEST_BYTES)
      throw refused(file, 'is larger than any that hoopctl writes', remove(file))
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
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
  onDisk(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    checkDirectory(dirname(file), uid)
    try {
      writeNew(temporary, bytes)
      if (placing === 'replace') renameSync(temporary, file)
      else linkIfFree(temporary, file)
    } finally {
      rmSync(temporary, { force: true })
    }
    syncDirectory(dirname(file))
  })
}

/** Removes a file and what writing it may have left behind when it was cut short. One that is not there is no error. */
export async function removePrivate(file: string): Promise<void> {
  const directory = dirname(file)
  onDisk(file, () => {
    const names = namesIn(directory)
    if (names === null) return
    const ours = names.filter((name) => name.startsWith(basename(file)))
    for (const name of ours) rmSync(join(directory, name), { force: true })
    syncDirectory(directory)
  })
}

function namesIn(directory: string): readonly string[] | null {
  try {
    return readdirSync(directory)
  } catch (failure) {
    return unless('ENOENT', null, failure)
  }
}

function linkIfFree(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (failure) {
    unless('EEXIST', null, failure)
  }
}

function writeNew(file: string, bytes: Buffer): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

// A new name is lost with the power where its directory was not written out.
function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function checkDirectory(directory: string, uid: number): void {
  const stats = lstatSync(directory)
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

function onDisk<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (failure) {
    if (failure instanceof HoopctlError) throw failure
    const code = codeOf(failure)
    if (code === 'ELOOP') throw refused(file, 'is a link, which is not followed', remove(file))
    const hint = `see that you may read and write '${dirname(file)}' and that its disk has room`
    throw new HoopctlError('KEYCHAIN', `\`${file}\` cannot be used: ${code}`, { hint, cause: failure })
  }
}

function unless<T>(code: string, instead: T, failure: unknown): T {
  if (codeOf(failure) === code) return instead
  throw failure
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
