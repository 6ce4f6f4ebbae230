import { loadDeviceKey } from '../../audit/device-key.ts'
import type { EvidencePlace } from '../../audit/evidence/evidence-place.ts'
import type { PrunedLog } from '../../audit/pruned-note.ts'
import { PrunedNotesFile } from '../../audit/pruned-notes-file.ts'
import { noteNewestThere } from '../../audit/session-number.ts'
import { sessionEntries } from '../../audit/sessions.ts'
import type { Policy } from '../../policy/policy.ts'
import type { SharedState } from '../../state/shared-state.ts'
import type { Context } from '../context.ts'
import { sessionsDirectory } from '../sessions-directory.ts'
import { EvidenceLogs } from '../upload/evidence-logs.ts'
import { openDestination } from '../upload/open-destination.ts'
import { type Kept, pruneLog, type Pruning } from './prune-log.ts'
import { untilAway } from './until-away.ts'

/** What is to be removed. */
export interface PruneOrder {
  readonly policy: Policy
  /** Sessions whose last record is older than this. */
  readonly before: Date
  /** Says only what would be removed. */
  readonly dryRun: boolean
}

/** What became of the sessions of this device. */
export interface PruneOutcome {
  readonly pruned: readonly PrunedLog[]
  /** Of those that are old enough. */
  readonly kept: readonly Kept[]
  /** How many are not old enough, and how many were recorded under another policy or do not say under which. */
  readonly younger: number
  readonly others: number
}

/**
 * Removes the logs of old sessions that were recorded under a policy, where nothing speaks against it: they are over, not
 * held, whole in themselves, and every destination of the policy was seen, just now, to hold all of them.
 */
export async function pruneSessions(
  { policy, before, dryRun }: PruneOrder,
  shared: SharedState,
  context: Context,
): Promise<PruneOutcome> {
  const { state, cache } = context.directories()
  const directory = sessionsDirectory(context)
  const device = loadDeviceKey(state)
  const destinations: EvidencePlace[] = []
  for (const to of policy.uploads)
    destinations.push(untilAway(await openDestination(to, policy.identity, context)))
  const entries = sessionEntries(directory, cache)
  if (entries.length > 0) noteNewestThere(directory)
  // A file with a number and nothing readable in it is no session from which one could go on.
  const newest = entries.findLast(({ session }) => session !== null)?.number ?? 0
  const notes = new PrunedNotesFile(directory, device)
  notes.check()
  const pruning: Pruning = { directory, state, before, dryRun, newest, destinations, device, notes, context }
  const logs = new EvidenceLogs(policy, shared, context)
  const pruned: PrunedLog[] = []
  const kept: Kept[] = []
  let [younger, others] = [0, 0]
  for (const { number, last } of entries) {
    const log = isOlder(last, before) ? logs.logOf(number) : 'younger'
    const outcome = log === null || log === 'younger' ? log : await pruneLog(log, pruning)
    if (outcome === null) others += 1
    else if (outcome === 'younger') younger += 1
    else if ('why' in outcome) kept.push(outcome)
    else pruned.push(outcome)
  }
  return { pruned, kept, younger, others }
}

// By the index, which spares reading all logs; of those that seem old enough, the log itself says it once more.
function isOlder(last: string | null, before: Date): boolean {
  return last === null || !(Date.parse(last) >= before.getTime())
}
