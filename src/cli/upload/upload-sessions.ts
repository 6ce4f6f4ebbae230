import { codeOf, reasonOf } from '../../audit/disk-failure.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type Destination, uploadLog } from '../../audit/upload/upload-log.ts'
import { HoopctlError } from '../../errors.ts'
import type { Keeping, Policy, UploadPlace } from '../../policy/policy.ts'
import type { EvidenceKeeping } from '../../remote/evidence-keeping.ts'
import { openEvidence } from '../../remote/open-evidence.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
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
    const destination = logs.length === 0 ? null : await open(to, context)
    for (const [index, log] of logs.entries()) {
      if (destination !== null) await uploadOne(log, { destination, ledger, now: context.now }, at)
      progress(whole + index + 1, sessions, at.bytes)
    }
    done.push(at)
  }
  return done
}

async function open(to: UploadPlace, context: Context): Promise<Destination> {
  const { url, role, region, endpoint, keeping } = to
  const http = httpClient(await readConfig(context), context)
  const narrowed = (arn: string) => () =>
    roleAssumer(context)({ arn, region, endpoint, policy: evidencePolicy(url, keeping) })
  const aws = { endpoint, region, credentials: role === null ? null : narrowed(role) }
  return { url, ...openEvidence(url, { http, aws, keeping: keepingFrom(keeping, context.now) }) }
}

function keepingFrom(keeping: Keeping | null, now: () => Date): EvidenceKeeping {
  const { encryption = null, kmsKey = null, lock = null } = keeping ?? {}
  const until = (forMs: number) => () => new Date(now().getTime() + forMs)
  return { encryption, kmsKey, lock: lock && { mode: lock.mode, until: until(lock.forMs) } }
}

interface Uploading {
  readonly destination: Destination
  readonly ledger: Uploads
  readonly now: () => Date
}

async function uploadOne(
  log: EvidenceLog,
  { destination, ledger, now }: Uploading,
  at: AtDestination,
): Promise<void> {
  const { url } = destination
  try {
    if (at.problem?.code !== 'UNREACHABLE') {
      const sent = await uploadLog({ ...log, prefix: sessionPrefix(log) }, destination, ledger, now)
      at.segments += sent.segments
      at.bytes += sent.bytes
    }
  } catch (failure) {
    const problem = failure instanceof HoopctlError ? failure : unread(log, failure)
    // A conflict is worse than that something is away, and is not forgotten for it.
    if (at.problem?.code !== 'UPLOAD_CONFLICT') at.problem = problem
  }
  if (log.isOver && ledger.position(url, log.session).start >= log.bytes)
    ledger.whole(url, log.number, log.bytes)
  else at.waiting += 1
}

function unread({ path }: EvidenceLog, failure: unknown): HoopctlError {
  if (!/^E[A-Z]+$/u.test(codeOf(failure))) throw failure // not of the file system
  const message = `cannot read \`${path}\`: ${reasonOf(failure)}`
  return new HoopctlError('UNREACHABLE', message, { hint: 'see to it that you may read it', cause: failure })
}
