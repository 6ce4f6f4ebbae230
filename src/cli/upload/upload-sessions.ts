import { codeOf, reasonOf } from '../../audit/disk-failure.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type Destination, uploadLog } from '../../audit/upload/upload-log.ts'
import { HoopctlError } from '../../errors.ts'
import type { Policy, UploadPlace } from '../../policy/policy.ts'
import { type EvidenceStore, RefusedEvidence } from '../../remote/evidence-store.ts'
import { openEvidence } from '../../remote/open-evidence.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
import { bearerFor } from './bearer.ts'
import { type EvidenceLog, EvidenceLogs } from './evidence-logs.ts'
import { evidencePolicy } from './evidence-policy.ts'

/** What became of the sessions at one destination. */
export interface AtDestination {
  /** Its URL. */
  readonly destination: string
  /** How many sessions were recorded under this policy, and how many of them it was not yet seen to hold whole. */
  sessions: number
  waiting: number
  /** What was sent now. */
  segments: number
  bytes: number
  /** Why something waits; null: it does not, or its session goes on. */
  problem: HoopctlError | null
}

/** Is told each time that a session was looked at. */
export type Progress = (done: number, of: number, bytes: number) => void

/**
 * Uploads what the destinations of a policy do not hold yet of the sessions that were recorded under it. Where a destination
 * cannot be reached the rest waits; a session whose objects hold other bytes is passed over.
 */
export async function uploadSessions(
  policy: Policy,
  shared: SharedState,
  context: Context,
  progress: Progress,
): Promise<readonly AtDestination[]> {
  const all = new EvidenceLogs(policy, shared, context)
  const ledger = new Uploads(shared)
  const done: AtDestination[] = []
  for (const to of policy.uploads) {
    const { whole, logs } = all.waitingFor(to.url, ledger)
    const sessions = whole + logs.length
    const at: AtDestination = {
      destination: to.url,
      sessions,
      waiting: 0,
      segments: 0,
      bytes: 0,
      problem: null,
    }
    const uploading =
      logs.length === 0
        ? null
        : {
            destination: await openDestination(to, policy.identity, context),
            ledger,
            now: context.now,
            refused: 0,
          }
    for (const [index, log] of logs.entries()) {
      if (uploading !== null) await uploadOne(log, uploading, at)
      progress(whole + index + 1, sessions, at.bytes)
    }
    done.push(at)
  }
  return done
}

/** Opens a destination as the policy says. Nothing is sent yet. */
export async function openDestination(
  to: UploadPlace,
  identity: Policy['identity'],
  context: Context,
): Promise<Destination & EvidenceStore> {
  const { url, role, region, endpoint } = to
  const http = httpClient(await readConfig(context), context)
  const narrowed = (arn: string) => () =>
    roleAssumer(context)({ arn, region, endpoint, policy: evidencePolicy(url) })
  const aws = { endpoint, region, credentials: role === null ? null : narrowed(role) }
  return { url, ...openEvidence(url, { http, aws, bearer: bearerFor(to, identity, context) }) }
}

// A place that refuses so many refuses all of them, and each may have megabytes.
const MOST_REFUSED = 25

interface Uploading {
  readonly destination: Destination
  readonly ledger: Uploads
  readonly now: () => Date
  /** How many sessions it refused in a row; Infinity: what is in the way holds for the others too. */
  refused: number
}

async function uploadOne(log: EvidenceLog, uploading: Uploading, at: AtDestination): Promise<void> {
  const { destination, ledger, now } = uploading
  const { url } = destination
  try {
    if (uploading.refused < MOST_REFUSED) {
      const sent = await uploadLog({ ...log, prefix: sessionPrefix(log) }, destination, ledger, now)
      at.segments += sent.segments
      at.bytes += sent.bytes
      if (sent.segments > 0) uploading.refused = 0
    }
  } catch (failure) {
    const problem = failure instanceof HoopctlError ? failure : unread(log, failure)
    if (problem.code !== 'UPLOAD_CONFLICT')
      uploading.refused = problem instanceof RefusedEvidence ? uploading.refused + 1 : Infinity
    // A conflict is worse than that something is away, and is not forgotten for it.
    if (at.problem?.code !== 'UPLOAD_CONFLICT') at.problem = problem
  }
  if (log.isOver && ledger.position(url, log.session).start >= log.bytes)
    ledger.whole(url, log.number, log.bytes)
  else at.waiting += 1
}

function unread({ path }: EvidenceLog, failure: unknown): HoopctlError {
  if (codeOf(failure) === '') throw failure
  const message = `cannot read \`${path}\`: ${reasonOf(failure)}`
  return new HoopctlError('UNREACHABLE', message, { hint: 'see to it that you may read it', cause: failure })
}
