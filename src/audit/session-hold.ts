import { closeSync, fdatasyncSync, linkSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parsed } from '../parsed.ts'
import { exactly, orNull, text } from '../shape.ts'
import { codeOf } from '../system-code.ts'
import { stateUnwritable } from './disk-failure.ts'
import { readRegular } from './open-regular.ts'
import { fileNameOf, numberOf } from './session-number.ts'
import { syncDirectory } from './sync-directory.ts'
import { removeIfThere, writeTemporary } from './temporary-file.ts'

// A file beside the log, and no row in a database: what must not be pruned stays so when everything else is lost.

/** Why a session must not be pruned. */
export interface Hold {
  /** When it was held, and by which user of this computer; null: what is there cannot be read, and counts all the same. */
  readonly since: string | null
  readonly osUser: string | null
  /** In their own words; null: they gave none. */
  readonly reason: string | null
}

const LONGEST = 10_000
const isHold = exactly<Hold>({
  since: orNull(text(LONGEST)),
  osUser: orNull(text(LONGEST)),
  reason: orNull(text(LONGEST)),
})
const UNREADABLE: Hold = { since: null, osUser: null, reason: null }

/** Tells whether a session is held; null: it is not. Whatever has the name of a hold is one. */
export function holdOf(directory: string, number: number): Hold | null {
  const path = join(directory, nameOf(number))
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null
    const hold = parsed(readRegular(path))
    return isHold(hold) ? hold : UNREADABLE
  } catch {
    return UNREADABLE
  }
}

/** Lists the numbers of the sessions that are held. Throws what the file system throws. */
export function heldIn(directory: string): ReadonlySet<number> {
  const names = namesIn(directory).filter((name) => name.endsWith(SUFFIX))
  const numbers = names.map((name) => numberOf(`${name.slice(0, -SUFFIX.length)}.jsonl`))
  return new Set(numbers.filter((number) => number !== null))
}

/** Holds a session; one that is held stays as it is. Outlives a power cut. Throws STATE_UNWRITABLE. */
export function holdSession(directory: string, number: number, hold: Hold): void {
  const path = join(directory, nameOf(number))
  try {
    const file = writeTemporary(directory, `${JSON.stringify(hold)}\n`)
    try {
      fdatasyncSync(file.fd)
      linkSync(file.path, path)
    } finally {
      closeSync(file.fd)
      removeIfThere(file.path)
    }
    syncDirectory(directory)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw stateUnwritable(path, error)
  }
}

/** Ends the hold of a session, if there is one. Throws STATE_UNWRITABLE. */
export function releaseSession(directory: string, number: number): void {
  const path = join(directory, nameOf(number))
  try {
    removeIfThere(path)
  } catch (error) {
    throw stateUnwritable(path, error)
  }
}

const SUFFIX = '.hold'

function nameOf(number: number): string {
  return fileNameOf(number).replace(/\.jsonl$/u, SUFFIX)
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
