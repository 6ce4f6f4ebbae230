import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../system-code.ts'

// What a killed process left here is removed once it is so old that no living one can still mean to use it.
// One that slept that long finds its file gone, and makes another.
const STALE_MS = 60_000

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants

/** A file that has no name of its own yet. Whoever opened it closes `fd` and removes `path`. */
export interface TemporaryFile {
  readonly path: string
  readonly fd: number
}

/** Opens a new, empty file (0600, written at its end) in the folder `tmp` of a directory of ours. */
export function openTemporary(directory: string): TemporaryFile {
  const path = join(directory, 'tmp', randomBytes(9).toString('base64url'))
  const open = () => openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600)
  try {
    return { path, fd: open() }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    makeFolder(join(directory, 'tmp'))
    return { path, fd: open() }
  }
}

// Not with those above it: a directory that vanished under a running session must stay so, and show.
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** Writes all of the text to a new temporary file; nothing is left where that fails. */
export function writeTemporary(directory: string, text: string): TemporaryFile {
  const file = openTemporary(directory)
  try {
    const bytes = Buffer.from(text)
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(file.fd, bytes, offset)
    return file
  } catch (error) {
    closeSync(file.fd)
    removeIfThere(file.path)
    throw error
  }
}

/** Puts a text under a name in one step: readers see the file before or the file after, never a half. */
export function replaceFile(directory: string, name: string, text: string): void {
  const file = writeTemporary(directory, text)
  closeSync(file.fd)
  try {
    renameSync(file.path, join(directory, name))
  } catch (error) {
    removeIfThere(file.path)
    throw error
  }
}

/** Removes what killed processes left behind in the folder `tmp` of a directory. */
export function sweepTemporary(directory: string, now: Date): void {
  const folder = join(directory, 'tmp')
  for (const name of namesIn(folder)) {
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isFile() && now.getTime() - stats.mtimeMs > STALE_MS) removeIfThere(path)
  }
}

/** Removes a file; it may be gone already. */
export function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
