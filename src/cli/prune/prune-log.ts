import { unlinkSync } from 'node:fs'
import type { DeviceKey } from '../../audit/device-key.ts'
import { stateUnwritable, unreadable } from '../../audit/disk-failure.ts'
import type { EvidencePlace } from '../../audit/evidence/evidence-place.ts'
import { type ExaminedLog, examineLog } from '../../audit/examined-log.ts'
import { fileState } from '../../audit/file-state.ts'
import type { PrunedCopy, PrunedLog } from '../../audit/pruned-note.ts'
import type { PrunedNotesFile } from '../../audit/pruned-notes-file.ts'
import { holdOf } from '../../audit/session-hold.ts'
import { readBack } from '../../audit/upload/read-back.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type ErrorCode, HoopctlError } from '../../errors.ts'
import { checkStoredToken } from '../../identity/stored-token.ts'
import type { Context } from '../context.ts'
import type { EvidenceLog } from '../upload/evidence-logs.ts'
import { heldInWords } from './held-in-words.ts'
import { holdLock } from './hold-lock.ts'

/** How logs are removed. */
export interface Pruning {
  /** Where they are, and the state directory that this is in. */
  readonly directory: string
  readonly state: string
  /** Logs whose last record is older than this. */
  readonly before: Date
  readonly dryRun: boolean
  /** The number of the newest session that is there. */
  readonly newest: number
  readonly destinations: readonly EvidencePlace[]
  readonly device: DeviceKey
  readonly notes: PrunedNotesFile
  readonly context: Context
}

/** A session whose log is old enough, and stays. */
export interface Kept {
  readonly session: string
  readonly number: number
  readonly why: string
  /** null: that is as it should be. */
  readonly code: ErrorCode | null
}

/** Removes one log, if nothing speaks against it. What cannot be known now is a reason to keep it. */
export async function pruneLog(log: EvidenceLog, pruning: Pruning): Promise<PrunedLog | Kept | 'younger'> {
  const keep: Keep = (why, code = null) => {
    return { session: log.session, number: log.number, why, code }
  }
  const { directory, before, newest, device, dryRun } = pruning
  if (log.number >= newest) return keep('it is the newest session, from which numbering goes on')
  if (!log.isOver) return keep('it runs, or somebody wrote to its log within a minute')
  const hold = holdOf(directory, log.number)
  if (hold !== null) return keep(heldInWords(hold))
  const examined = examineLog(log, { isKnown: (id) => id === device.id }, checkStoredToken)
  if (typeof examined === 'string') return keepUnlessGone(log, keep, examined, 'LOG_BROKEN')
  if (new Date(examined.last) >= before) return 'younger'
  const copies = await copiesOf(log, pruning.destinations)
  if (copies instanceof HoopctlError) return keepUnlessGone(log, keep, copies.message, copies.code)
  const { seen, ...facts } = examined
  const pruned = { ...facts, copies }
  if (dryRun) return pruned
  return remove({ log, seen, pruned, keep }, pruning).catch((failure: unknown) => {
    if (failure instanceof HoopctlError) return keep(failure.message, failure.code)
    throw failure
  })
}

type Keep = (why: string, code?: ErrorCode | null) => Kept

const GONE = 'it was removed meanwhile'

// By another process that does the same, perhaps.
function keepUnlessGone({ path }: EvidenceLog, keep: Keep, why: string, code: ErrorCode): Kept {
  return fileState(path) === null ? keep(GONE) : keep(why, code)
}

async function copiesOf(
  log: EvidenceLog,
  destinations: readonly EvidencePlace[],
): Promise<PrunedCopy[] | HoopctlError> {
  const prefix = sessionPrefix(log)
  const copies: PrunedCopy[] = []
  for (const destination of destinations) {
    try {
      const segments = await readBack({ ...log, prefix }, destination)
      copies.push({ destination: destination.url, prefix, segments })
    } catch (failure) {
      return failure instanceof HoopctlError ? failure : unreadable(log.path, failure)
    }
  }
  return copies
}

interface Removal {
  readonly log: EvidenceLog
  readonly seen: ExaminedLog['seen']
  readonly pruned: PrunedLog
  readonly keep: Keep
}

// First the note, then the removal: killed between the two, the log is there and noted, and the next time it goes. All of it
// under a lock, so that no hold comes between, and no other process adds a note.
function remove({ log, seen, pruned, keep }: Removal, pruning: Pruning): Promise<PrunedLog | Kept> {
  const { directory, state, notes, context } = pruning
  return holdLock(state, () => {
    const hold = holdOf(directory, log.number)
    if (hold !== null) return keep(heldInWords(hold))
    const now = fileState(log.path)
    if (now === null) return keep(GONE)
    if (now !== seen) return keep('its log changed while it was looked at')
    notes.add(pruned, context.now())
    if (fileState(log.path) !== seen) return keep('its log changed while it was noted')
    try {
      unlinkSync(log.path)
    } catch (failure) {
      throw stateUnwritable(log.path, failure)
    }
    return pruned
  })
}
