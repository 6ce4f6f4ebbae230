import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { unreadable } from '../../audit/disk-failure.ts'
import type { EvidencePlace } from '../../audit/evidence/evidence-place.ts'
import { readPrunedCopy } from '../../audit/evidence/pruned-copy.ts'
import { makeScratch } from '../../audit/evidence/scratch.ts'
import { ensurePrivateDirectory } from '../../audit/private-files.ts'
import type { PrunedCopy, PrunedNote } from '../../audit/pruned-note.ts'
import { type KnownDevices, type VerifiedFile, verifyFile } from '../../audit/verify-session.ts'
import { HoopctlError } from '../../errors.ts'
import { checkStoredToken } from '../../identity/stored-token.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Context } from '../context.ts'
import { untilAway } from '../prune/until-away.ts'
import { openDestination } from '../upload/open-destination.ts'
import { type HeldAt, unknownAt, type VerificationRow } from './verification-row.ts'

/** What pruned sessions are verified by. */
interface Verifying {
  /** Of the destinations that notes name only those are asked that this one has. */
  readonly policy: Policy
  readonly known: KnownDevices
}

/**
 * Verifies sessions whose logs were pruned here, each by what lies where its note says that it lay; of those that lie at no
 * destination of the policy nothing is said. A row's file is gone once the next row is asked for.
 */
export async function* verifyPruned(
  notes: readonly PrunedNote[],
  { policy, known }: Verifying,
  context: Context,
): AsyncGenerator<VerificationRow, void, undefined> {
  if (notes.length === 0) return
  const places = new Map<string, EvidencePlace>()
  for (const to of policy.uploads)
    places.set(to.url, untilAway(await openDestination(to, policy.identity, context)))
  const { cache } = context.directories()
  ensurePrivateDirectory(cache)
  const directory = makeScratch(cache, context.now())
  try {
    for (const note of notes) {
      const row = await verifyOne(note, { places, known, directory })
      if (row !== null) yield row
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Tells whether a note names a destination of the policy: then `verifyPruned` looks there. */
export function liesAtOne({ copies }: PrunedNote, { uploads }: Policy): boolean {
  return copies.some(({ destination }) => uploads.some(({ url }) => url === destination))
}

interface Looking {
  readonly places: ReadonlyMap<string, EvidencePlace>
  readonly known: KnownDevices
  /** A directory of this user alone, in which logs are put together. */
  readonly directory: string
}

async function verifyOne(
  note: PrunedNote,
  { places, known, directory }: Looking,
): Promise<VerificationRow | null> {
  const [path, copied] = [join(directory, 'session.jsonl'), join(directory, 'copy.jsonl')]
  const remote: HeldAt[] = []
  let found: VerifiedFile | null = null
  for (const copy of note.copies) {
    const place = places.get(copy.destination)
    if (place === undefined) continue
    const held = await readAt(note, copy, place, copied)
    remote.push(held)
    if (held.state !== 'whole' || found !== null) continue // all that are whole are the same bytes
    renameSync(copied, path)
    found = verifyFile(path, known, checkStoredToken)
  }
  if (remote.length === 0) return null
  return found === null ? notFound(note, remote, known) : asFound(note, { found, remote, path })
}

interface Found {
  readonly found: VerifiedFile
  readonly remote: readonly HeldAt[]
  readonly path: string
}

// The series of the logs that are here says which session has that header.
function asFound(note: PrunedNote, { found, remote, path }: Found): VerificationRow {
  const { verification, header } = found
  const row = { ...verification, name: nameOf(note), path, confirmed: [], receipts: [], remote }
  const problem = header?.digest === note.header ? lost(remote) : 'what lies there is another session'
  return problem === null ? row : { ...row, ok: false, state: 'broken', problem: row.problem ?? problem }
}

function notFound(note: PrunedNote, remote: readonly HeldAt[], known: KnownDevices): VerificationRow {
  const { session, device } = note
  const deviceKnown = known.isKnown(device)
  const about = { session, device, deviceKnown, records: 0, signedTo: null, remote }
  const row = { ...about, name: nameOf(note), path: null, confirmed: [], receipts: [] }
  const problem = lost(remote)
  if (problem !== null) return { ...row, ok: false, state: 'broken', problem, note: null }
  const stranger = deviceKnown ? null : `the device key \`${device}\` is not known here`
  return { ...row, ok: deviceKnown, state: 'open', problem: stranger, note: UNREAD }
}

const UNREAD = 'its log is not here any more, and nobody can say now what lies elsewhere'

function lost(remote: readonly HeldAt[]): string | null {
  const differs = remote.find(({ state }) => state === 'differs')
  return differs === undefined ? null : `it is not what lay at \`${differs.destination}\` when it was pruned`
}

function nameOf({ session, number, at }: PrunedNote): string {
  return `${session}, number ${number}, pruned here on ${at}`
}

async function readAt(
  note: PrunedNote,
  copy: PrunedCopy,
  place: EvidencePlace,
  path: string,
): Promise<HeldAt> {
  try {
    return await readPrunedCopy(note, copy, place, path)
  } catch (failure) {
    return unknownAt(place.url, failure instanceof HoopctlError ? failure : unreadable(path, failure))
  }
}
