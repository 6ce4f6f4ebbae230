import { closeSync, fdatasyncSync, linkSync, lstatSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { parsed } from '../parsed.ts'
import { either, exactly, listOf, orNull, text } from '../shape.ts'
import { codeOf } from '../system-code.ts'
import { stateUnwritable } from './disk-failure.ts'
import { readRegular } from './open-regular.ts'
import { fileNameOf, numberOf } from './session-number.ts'
import { syncDirectory } from './sync-directory.ts'
import { removeIfThere, writeTemporary } from './temporary-file.ts'

// A file beside the log, and no row in a database: what must not be pruned stays so when everything else is lost.

/** That somebody wants a session to stay. */
export interface HoldReason {
  /** When, and which user of this computer; null: what is there cannot be read, and counts all the same. */
  readonly since: string | null
  readonly osUser: string | null
  /** In their own words; null: they gave none. */
  readonly reason: string | null
}

/** Why a session must not be pruned. */
export interface Hold extends HoldReason {
  /** For what else it was held since, the oldest first: one matter must not end what another needs. */
  readonly also: readonly HoldReason[]
}

const LONGEST = 10_000
const MOST_REASONS = 100
const MEMBERS = { since: orNull(text(LONGEST)), osUser: orNull(text(LONGEST)), reason: orNull(text(LONGEST)) }
const isReason = exactly<HoldReason>(MEMBERS)
const isHold = exactly<Hold>({ ...MEMBERS, also: listOf(isReason, MOST_REASONS) })
const isHoldOrReason = either(isHold, isReason)
const UNREADABLE: Hold = { since: null, osUser: null, reason: null, also: [] }

/** Tells whether a session is held; null: it is not. Whatever has the name of a hold is one. */
export function holdOf(directory: string, number: number): Hold | null {
  const path = join(directory, nameOf(number))
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null
    const hold = parsed(readRegular(path))
    if (!isHoldOrReason(hold)) return UNREADABLE
    return 'also' in hold ? hold : { ...hold, also: [] }
  } catch {
    return UNREADABLE
  }
}

/** Finds the holds of all sessions that are held, by their numbers. Throws what the file system throws. */
export function holdsIn(directory: string): ReadonlyMap<number, Hold> {
  const holds = new Map<number, Hold>()
  for (const name of namesIn(directory)) {
    const number = name.endsWith(SUFFIX) ? numberOf(`${name.slice(0, -SUFFIX.length)}.jsonl`) : null
    const hold = number === null ? null : holdOf(directory, number)
    if (number !== null && hold !== null) holds.set(number, hold)
  }
  return holds
}

/**
 * Holds a session. A reason for one that is held already is added to those that are there; without one, it stays as it is.
 * Only one process may do this at a time. Outlives a power cut. Tells what was done. Throws STATE_UNWRITABLE, and USAGE where
 * no reason can be added; the session is held all the same.
 */
export function holdSession(
  directory: string,
  number: number,
  wanted: HoldReason,
): 'held' | 'added' | 'known' {
  const before = holdOf(directory, number)
  const path = join(directory, nameOf(number))
  if (before === null) {
    put(directory, path, { ...wanted, also: [] }, linkSync) // not in place of what somebody else puts there now
    return 'held'
  }
  const { reason } = wanted
  if (reason === null || [before, ...before.also].some((each) => each.reason === reason)) return 'known'
  if (before.since === null) throw cannotAdd(number, 'who held it, and why, cannot be read')
  if (before.also.length >= MOST_REASONS) throw cannotAdd(number, 'it has no room for another reason')
  put(directory, path, { ...before, also: [...before.also, wanted] }, renameSync)
  return 'added'
}

function cannotAdd(number: number, why: string): HoopctlError {
  const hint = 'it stays held; to hold it for this reason, end that hold first: `--release`'
  return new HoopctlError('USAGE', `session ${number} is held already, and ${why}`, { hint })
}

function put(directory: string, path: string, hold: Hold, name: (from: string, to: string) => void): void {
  try {
    const file = writeTemporary(directory, `${JSON.stringify(hold)}\n`)
    try {
      fdatasyncSync(file.fd)
      name(file.path, path)
    } finally {
      closeSync(file.fd)
      removeIfThere(file.path)
    }
    syncDirectory(directory)
  } catch (error) {
    throw stateUnwritable(path, error)
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
