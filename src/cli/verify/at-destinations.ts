import { unreadable } from '../../audit/disk-failure.ts'
import { compareLog } from '../../audit/evidence/compare-log.ts'
import type { EvidencePlace } from '../../audit/evidence/evidence-place.ts'
import { type RecordedLog, recordedLog } from '../../audit/upload/recorded-log.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ConfirmedObject } from '../../records.ts'
import { Uploads } from '../../state/uploads.ts'
import type { Context } from '../context.ts'
import { withDeviceState } from '../device-state.ts'
import { confirmedObject } from '../upload/confirmed-object.ts'
import { openDestination } from '../upload/open-destination.ts'
import { betweenSessions, type HeldAt, unknownAt, type VerificationRow } from './verification-row.ts'

/** What logs are compared by. */
interface Compared {
  readonly policy: Policy
  /** Sessions whose logs were pruned, where these are all others of this machine: what else was confirmed is missing; null: they are not. */
  readonly gone: ReadonlySet<string> | null
}

/**
 * Compares logs with what the destinations of the policy that they were recorded under hold of them; logs of other policies
 * stay as they are. A log that is not what lies there is broken.
 */
export async function compareAll(
  rows: readonly VerificationRow[],
  { policy, gone }: Compared,
  context: Context,
): Promise<readonly VerificationRow[]> {
  const told = rows.flatMap(({ ok, confirmed }) => (ok ? confirmed : []))
  const toldOf = bySession(told)
  const compared: VerificationRow[] = []
  await withDeviceState(context, async ({ shared }) => {
    const uploads = new Uploads(shared)
    const places = await Promise.all(
      policy.uploads.map((to) => openDestination(to, policy.identity, context)),
    )
    for (const row of rows) {
      const noted = row.session === null ? [] : uploads.confirmed(row.session).map(confirmedObject)
      compared.push(
        await compareOne(row, { policy, places, confirmed: [...(toldOf.get(row.session) ?? []), ...noted] }),
      )
    }
    if (gone !== null) {
      const urls = new Set(places.map(({ url }) => url))
      const here = new Set([...gone, ...rows.map(({ session }) => session)])
      const everything = [...told, ...uploads.beginnings().map(confirmedObject)]
      compared.push(...missing(everything.filter(({ to, session }) => urls.has(to) && !here.has(session))))
    }
  })
  return compared
}

function bySession(
  objects: readonly ConfirmedObject[],
): ReadonlyMap<string | null, readonly ConfirmedObject[]> {
  const sessions = new Map<string | null, ConfirmedObject[]>()
  for (const object of objects) {
    const known = sessions.get(object.session) ?? []
    known.push(object)
    sessions.set(object.session, known)
  }
  return sessions
}

interface Comparing {
  readonly policy: Policy
  readonly places: readonly EvidencePlace[]
  /** What is said of this row's session. */
  readonly confirmed: readonly ConfirmedObject[]
}

async function compareOne(row: VerificationRow, by: Comparing): Promise<VerificationRow> {
  if (row.path === null) return row
  let log: RecordedLog | null
  try {
    log = recordedLog(row.path)
  } catch (failure) {
    const problem = unreadable(row.path, failure) // that is why it is broken; or it was pruned since it was verified
    return { ...row, remote: by.places.map(({ url }) => unknownAt(url, problem)) }
  }
  const isItsPolicy = log?.policy.name === by.policy.name && log.policy.signed === by.policy.signed
  // Whoever rewrites or cuts a log can have it say another policy, or none: where it was confirmed, it is looked for.
  const holders = new Set(by.confirmed.map(({ to }) => to))
  const places = by.places.filter(({ url }) => isItsPolicy || holders.has(url))
  const [first] = places
  if (first === undefined) return row
  if (log === null) return nameless(row, first.url)
  const remote: HeldAt[] = []
  for (const place of places) remote.push(await compareAt(place, log, by.confirmed))
  const differs = remote.find(({ state }) => state === 'differs')
  if (differs === undefined) return { ...row, remote }
  const problem = row.problem ?? `it is not what lies at \`${differs.destination}\``
  return { ...row, remote, ok: false, state: 'broken', problem }
}

async function compareAt(
  place: EvidencePlace,
  log: RecordedLog,
  confirmed: readonly ConfirmedObject[],
): Promise<HeldAt> {
  const { session, path } = log
  try {
    return await compareLog({ session, path, prefix: sessionPrefix(log) }, place, confirmed)
  } catch (failure) {
    return unknownAt(place.url, failure instanceof HoopctlError ? failure : unreadable(path, failure))
  }
}

// Where it lies cannot be said by what is left of it.
function nameless(row: VerificationRow, destination: string): VerificationRow {
  const problem = `it does not say under which policy it was recorded, and \`${destination}\` was seen to hold it: it was cut or rewritten`
  return { ...row, ok: false, state: 'broken', problem: row.problem ?? problem }
}

function missing(objects: readonly ConfirmedObject[]): VerificationRow[] {
  const first = new Map(objects.toReversed().map((object) => [object.session, object]))
  return [...first.values()].map(({ session, to, at }) =>
    betweenSessions(session, `its log is not here, and \`${to}\` was seen to hold it on ${at}`),
  )
}
