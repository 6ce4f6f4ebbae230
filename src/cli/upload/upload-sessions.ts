import { join } from 'node:path'
import { fileNameOf, numbersIn } from '../../audit/session-number.ts'
import { type RecordedLog, recordedLog } from '../../audit/upload/recorded-log.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type Destination, uploadLog } from '../../audit/upload/upload-log.ts'
import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { openEvidence } from '../../remote/open-evidence.ts'
import { Shims } from '../../state/shims.ts'
import { Uploads } from '../../state/uploads.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
import { evidencePolicy } from './evidence-policy.ts'

/** What became of the sessions at one destination. */
export interface AtDestination {
  /** Its URL. */
  readonly destination: string
  /** How many sessions were recorded under this policy, and how many of them it was not yet seen to hold whole. */
  readonly sessions: number
  waiting: number
  /** What was sent now. */
  segments: number
  bytes: number
  /** Why something waits; null: it does not, or its session goes on. */
  problem: HoopctlError | null
}

/** Is told each time that a session was looked at. */
export type Progress = (done: number, of: number, bytes: number) => void

/** A log whose process has told of itself nowhere is over when nobody has written to it for so long. */
const SILENT_MS = 60_000

/**
 * Uploads what the destinations of a policy do not hold yet of the sessions that were recorded under it: others are not
 * its business. Where a destination cannot be reached the rest waits; a session whose objects hold other bytes is passed over.
 */
export async function uploadSessions(
  policy: Policy,
  shared: SharedState,
  context: Context,
  progress: Progress,
): Promise<readonly AtDestination[]> {
  const logs = recordedUnder(policy, context)
  const running = new Set(new Shims(shared).running().map(({ session }) => session))
  const isOver = ({ session, hasFooter, writtenMs }: RecordedLog) =>
    hasFooter || (!running.has(session) && context.now().getTime() - writtenMs > SILENT_MS)
  const ledger = new Uploads(shared)
  const http = httpClient(await readConfig(context), context)
  const all: AtDestination[] = []
  for (const to of policy.uploads) {
    const assume = () =>
      roleAssumer(context)({
        arn: to.role ?? '',
        region: to.region,
        endpoint: to.endpoint,
        policy: evidencePolicy(to.url),
      })
    const aws = { endpoint: to.endpoint, region: to.region, credentials: to.role === null ? null : assume }
    const at: AtDestination = {
      destination: to.url,
      sessions: logs.length,
      waiting: 0,
      segments: 0,
      bytes: 0,
      problem: null,
    }
    const destination = { url: to.url, ...openEvidence(to.url, { http, aws }) }
    for (const [index, log] of logs.entries()) {
      await uploadOne({ log, isOver: isOver(log), destination, ledger }, at, context.now)
      progress(index + 1, logs.length, at.bytes)
    }
    all.push(at)
  }
  return all
}

interface One {
  readonly log: RecordedLog
  readonly isOver: boolean
  readonly destination: Destination
  readonly ledger: Uploads
}

async function uploadOne(
  { log, isOver, destination, ledger }: One,
  at: AtDestination,
  now: () => Date,
): Promise<void> {
  const isWhole = () => isOver && ledger.position(destination.url, log.session).start >= log.bytes
  if (isWhole()) return
  const isAway = at.problem?.code === 'UNREACHABLE'
  try {
    if (!isAway) {
      const uploaded = await uploadLog(
        { ...log, prefix: sessionPrefix(log), isOver },
        destination,
        ledger,
        now,
      )
      at.segments += uploaded.segments
      at.bytes += uploaded.bytes
    }
  } catch (failure) {
    const problem = failure instanceof HoopctlError ? failure : unread(log, failure)
    // A conflict is worse than that something is away, and is not forgotten for it.
    if (at.problem?.code !== 'UPLOAD_CONFLICT') at.problem = problem
  }
  if (!isWhole()) at.waiting += 1
}

function unread({ path }: RecordedLog, failure: unknown): HoopctlError {
  const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
  if (typeof code !== 'string' || !/^E[A-Z]+$/u.test(code)) throw failure
  const hint = 'see to it that you may read it'
  return new HoopctlError('UNREACHABLE', `\`${path}\` cannot be read (${code})`, { hint, cause: failure })
}

function recordedUnder(policy: Policy, context: Context): readonly RecordedLog[] {
  const directory = join(context.directories().state, 'sessions')
  return numbersOf(directory).flatMap((number) => {
    const log = readable(join(directory, fileNameOf(number)))
    const isOurs = log?.policy.name === policy.name && log.policy.signed === policy.signed
    return isOurs ? [log] : []
  })
}

function numbersOf(directory: string): readonly number[] {
  try {
    return numbersIn(directory)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [] // nothing was wrapped yet
    throw error
  }
}

function readable(path: string): RecordedLog | null {
  try {
    return recordedLog(path)
  } catch {
    return null // `sessions list` shows it as broken
  }
}
