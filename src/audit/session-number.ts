import { hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fdatasyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../system-code.ts'
import { stateUnwritable } from './disk-failure.ts'
import { openRegular, readRegular } from './open-regular.ts'
import { removeIfThere, type TemporaryFile, writeTemporary } from './temporary-file.ts'

// Sessions are numbered without locks. A session's header is written to a temporary file, which then gets its
// numbered name by link(2): that never replaces, so one of two that want a number fails and takes the next,
// and no numbered file is ever seen without its header. `last.json` names the newest session, so that nobody
// has to look through 10,000 names, and so that the newest one's disappearance shows. It is a hint: an old
// one costs time, nothing else.

/** A session's place in the numbering: its number and the SHA-256 of its header line. */
export interface NumberedHeader {
  readonly number: number
  readonly digest: string
}

/** A session's file that has its name, its header in it and is open for more. */
export interface NumberedFile {
  readonly path: string
  readonly fd: number
  readonly headerBytes: number
  readonly header: NumberedHeader
}

/** What `previous` holds in the first session of all, and `prev` in the first line of each. */
export const NO_DIGEST = '0'.repeat(64)

const LAST = 'last.json'
const NOTE_BYTES = 128
const { O_CREAT, O_NONBLOCK, O_WRONLY } = constants

const NAME = /^(\d{8,15})\.jsonl$/
// Losing a temporary file to a cleaner is rare; losing it again and again means that the directory is gone.
const ATTEMPTS_WITHOUT_FILE = 3

/** The file name of a session, by its number alone. */
export function fileNameOf(number: number): string {
  return `${String(number).padStart(8, '0')}.jsonl`
}

/** Reads the number off a session's file name; null for any other file. */
export function numberOf(fileName: string): number | null {
  const digits = NAME.exec(fileName)?.[1]
  return digits !== undefined && fileNameOf(Number(digits)) === fileName ? Number(digits) : null
}

/** Lists the numbers of the sessions in a directory, in order. */
export function numbersIn(directory: string): number[] {
  const numbers = readdirSync(directory).map(numberOf)
  return numbers.filter((number) => number !== null).sort((a, b) => a - b)
}

/**
 * Makes the next session's file. `headerLine` gives the whole header (without newline) for a number and the
 * previous header's digest; it is asked again when another process took the number.
 */
export function createNumbered(
  directory: string,
  headerLine: (number: number, previous: string) => string,
  durable: boolean,
): NumberedFile {
  let missing = 0
  for (;;) {
    const last = newest(directory)
    const number = (last?.number ?? 0) + 1
    const line = headerLine(number, last?.digest ?? NO_DIGEST)
    const file = writeTemporary(directory, `${line}\n`)
    try {
      if (durable) fdatasyncSync(file.fd)
      const path = join(directory, fileNameOf(number))
      const outcome = giveName(file, path)
      if (outcome === 'done') {
        return {
          path,
          fd: file.fd,
          headerBytes: Buffer.byteLength(line) + 1,
          header: { number, digest: hash('sha256', line) },
        }
      }
      if (outcome !== 'taken' && (missing += 1) === ATTEMPTS_WITHOUT_FILE) throw outcome
    } catch (error) {
      closeSync(file.fd)
      throw error
    } finally {
      removeIfThere(file.path)
    }
    closeSync(file.fd)
  }
}

/**
 * Notes the newest session. A slower process may note an older one after a faster one: so whoever noted looks
 * whether a newer one is there by now, and notes that.
 */
export function noteNewest(directory: string, header: NumberedHeader): void {
  // Between an old note and the newest session names may be free by now, whose sessions were pruned.
  if ((readNoted(directory)?.number ?? 0) > header.number) return
  let newest: NumberedHeader | null = header
  while (newest !== null) {
    note(join(directory, LAST), newest)
    newest = headerAt(directory, newest.number + 1)
  }
}

/**
 * Sees to it that the newest session that is there is the one that is noted. Before names become free: from an older note on,
 * one of them would be given a second time. Throws STATE_UNWRITABLE.
 */
export function noteNewestThere(directory: string): void {
  try {
    const header = headerAt(directory, numbersIn(directory).at(-1) ?? 0)
    if (header !== null) noteNewest(directory, header)
  } catch (error) {
    throw stateUnwritable(join(directory, LAST), error)
  }
}

// Written over, always at the same length: replacing the file by rename(2) makes some file systems (ext4)
// wait for the disk, 1 to 2 ms at each start. Should a power cut tear it, the names in the directory are read
// instead.
function note(path: string, newest: NumberedHeader): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0o600) // a pipe is not waited for
  try {
    writeSync(fd, `${JSON.stringify(newest).padEnd(NOTE_BYTES - 1)}\n`, 0)
  } finally {
    closeSync(fd)
  }
}

/** Reads which session was noted as the newest; null where nothing readable is noted. */
export function readNoted(directory: string): NumberedHeader | null {
  try {
    const noted: unknown = JSON.parse(readRegular(join(directory, LAST)))
    if (typeof noted !== 'object' || noted === null || !('number' in noted) || !('digest' in noted))
      return null
    const { number, digest } = noted
    const valid = typeof number === 'number' && Number.isSafeInteger(number) && number > 0
    return valid && typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? { number, digest } : null
  } catch {
    return null // missing, unreadable or no JSON: the names in the directory tell as much
  }
}

function newest(directory: string): NumberedHeader | null {
  const noted = readNoted(directory)
  let number = noted?.number ?? numbersIn(directory).at(-1) ?? 0
  while (isTaken(directory, number + 1)) number += 1
  if (number === 0 || number === noted?.number) return noted
  // Taken by a name that leads nowhere: there is no header, and so no digest but that of nothing.
  return headerAt(directory, number) ?? { number, digest: hash('sha256', '') }
}

// Asks for the name itself, as link(2) does: one that leads nowhere is taken too.
function isTaken(directory: string, number: number): boolean {
  return lstatSync(join(directory, fileNameOf(number)), { throwIfNoEntry: false }) !== undefined
}

// What stands in the first line counts, whatever it is: a damaged header is `verify`'s to report, not a
// reason not to go on.
function headerAt(directory: string, number: number): NumberedHeader | null {
  let fd: number
  try {
    fd = openRegular(join(directory, fileNameOf(number)))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    return { number, digest: hash('sha256', firstLine(fd)) }
  } finally {
    closeSync(fd)
  }
}

// No command is longer; of another file's line so much is read.
const LONGEST_HEADER = 16 * 1024 * 1024
const LINE_CHUNK = 16 * 1024

function firstLine(fd: number): Uint8Array {
  const parts: Buffer[] = []
  for (let bytes = 0; ; bytes += LINE_CHUNK) {
    const part = Buffer.allocUnsafe(LINE_CHUNK)
    const length = readSync(fd, part, 0, part.length, null)
    const newline = part.subarray(0, length).indexOf(0x0a)
    parts.push(part.subarray(0, newline === -1 ? length : newline))
    if (newline !== -1 || length === 0 || bytes > LONGEST_HEADER) return Buffer.concat(parts)
  }
}

function giveName(file: TemporaryFile, path: string): 'done' | 'taken' | Error {
  try {
    linkSync(file.path, path)
    return 'done'
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'taken'
    if (codeOf(error) === 'ENOENT' && error instanceof Error) return error
    throw error
  }
}
