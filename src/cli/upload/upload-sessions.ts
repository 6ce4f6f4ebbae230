import { codeOf, reasonOf } from '../../audit/disk-failure.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type Destination, uploadLog } from '../../audit/upload/upload-log.ts'
import { HoopctlError } from '../../errors.ts'
import type { Policy, ObjectPlace } from '../../policy/policy.ts'
import type { EvidenceStore } from '../../remote/evidence-store.ts'
import { openEvidence } from '../../remote/open-evidence.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
import { type EvidenceLog, EvidenceLogs } from './evidence-logs.ts'
import { evidencePolicy } from './evidence-policy.ts'
import { UploadLooks } from './upload-looks.ts'

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

/** How sessions are uploaded. */
export interface UploadManner {
  /** Are those looked at too that a destination was seen to hold? It may have lost them since. */
  readonly again: boolean
  /** Is told each time that a session was looked at. */
  readonly progress: (done: number, of: number, bytes: number) => void
}

/**
 * Uploads what the destinations of a policy do not hold yet of the sessions that were recorded under it. Where a destination
 * cannot be reached the rest waits; a session whose objects hold other bytes is passed over.
 */
export async function uploadSessions(
  policy: Policy,
  shared: SharedState,
  context: Context,
  { again, progress }: UploadManner,
): Promise<readonly AtDestination[]> {
  const all = new EvidenceLogs(policy, shared, context)
  const ledger = new Uploads(shared)
  const looks = new UploadLooks(policy, shared, ledger, context.now)
  const done: AtDestination[] = []
  for (const to of policy.uploads) {
    const { whole, logs } = all.waitingFor(to.url, again ? NOTHING : ledger)
    const sessions = whole + logs.length
    const at: AtDestination = {
      destination: to.url,
      sessions,
      waiting: 0,
      segments: 0,
      bytes: 0,
      problem: null,
    }
    const destination = logs.length === 0 ? null : await openDestination(to, context)
    for (const [index, log] of logs.entries()) {
      const how = { ledger, looks, again, now: context.now }
      if (destination !== null) await uploadOne(log, { destination, ...how }, at)
      progress(whole + index + 1, sessions, at.bytes)
    }
    looks.at(to.url, logs, at.problem)
    done.push(at)
  }
  looks.atLast()
  return done
}

const NOTHING = { isWhole: () => false }

/** Opens a destination as the policy says. Nothing is sent yet. */
export async function openDestination(
  to: ObjectPlace,
  context: Context,
): Promise<Destination & EvidenceStore> {
  const { url, role, region, endpoint } = to
  const http = httpClient(await readConfig(context), context)
  const narrowed = (arn: string) => () =>
    roleAssumer(context)({ arn, region, endpoint, policy: evidencePolicy(url) })
  const aws = { endpoint, region, credentials: role === null ? null : narrowed(role) }
  return { url, ...openEvidence(url, { http, aws }) }
}

interface Uploading {
  readonly destination: Destination
  readonly ledger: Uploads
  readonly looks: UploadLooks
  readonly again: boolean
  readonly now: () => Date
}

const BEGINNING = { line: 0, start: 0 }

async function uploadOne(
  log: EvidenceLog,
  { destination, ledger, looks, again, now }: Uploading,
  at: AtDestination,
): Promise<void> {
  const { url } = destination
  let isSent = false
  try {
    if (at.problem?.code !== 'UNREACHABLE') {
      const from = again ? BEGINNING : ledger.position(url, log.session)
      const sent = await uploadLog(
        { ...log, prefix: sessionPrefix(log) },
        destination,
        looks.ledger,
        now,
        from,
      )
      at.segments += sent.segments
      at.bytes += sent.bytes
      isSent = true
    }
  } catch (failure) {
    const problem = failure instanceof HoopctlError ? failure : unread(log, failure)
    // A conflict is worse than that something is away, and is not forgotten for it.
    if (at.problem?.code !== 'UPLOAD_CONFLICT') at.problem = problem
  }
  if (isSent && log.isOver && ledger.position(url, log.session).start >= log.bytes)
    ledger.whole(url, log.number, log.bytes)
  else at.waiting += 1
}

function unread({ path }: EvidenceLog, failure: unknown): HoopctlError {
  if (codeOf(failure) === '') throw failure
  const message = `cannot read \`${path}\`: ${reasonOf(failure)}`
  return new HoopctlError('UNREACHABLE', message, { hint: 'see to it that you may read it', cause: failure })
}
