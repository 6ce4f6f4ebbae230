import { unreadable } from '../../audit/disk-failure.ts'
import { sessionPrefix } from '../../audit/upload/segment-key.ts'
import { type Destination, uploadLog } from '../../audit/upload/upload-log.ts'
import { HoopctlError } from '../../errors.ts'
import { RefusedEvidence } from '../../remote/evidence-store.ts'
import type { Uploads } from '../../state/uploads.ts'
import type { EvidenceLog } from './evidence-logs.ts'
import type { UploadLooks } from './upload-looks.ts'

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
  /** How many segments were there already, and were read back. */
  there: number
  /** Why something waits; null: it does not, or its session goes on. */
  problem: HoopctlError | null
}

/** Tells that nothing is known to wait for a destination. */
export function nothingFor(destination: string): AtDestination {
  return { destination, sessions: 0, waiting: 0, segments: 0, bytes: 0, there: 0, problem: null }
}

/** How one log after the other is sent to a destination. */
export interface Uploading {
  readonly destination: Destination
  readonly ledger: Uploads
  readonly looks: UploadLooks
  /** Is a log looked for from its beginning on? */
  readonly again: boolean
  readonly now: () => Date
  /** How many sessions it refused in a row; Infinity: what is in the way holds for the others too. */
  refused: number
}

// A place that refuses so many refuses all of them, and each may have megabytes.
const MOST_REFUSED = 25
const BEGINNING = { line: 0, start: 0 }

/** Sends what a destination does not hold yet of a log, and notes what became of it. What is in its way is noted, not thrown. */
export async function uploadOne(log: EvidenceLog, uploading: Uploading, at: AtDestination): Promise<void> {
  const { destination, ledger, looks, again, now } = uploading
  const { url } = destination
  let isSent = false
  try {
    if (uploading.refused < MOST_REFUSED) {
      const named = { ...log, prefix: sessionPrefix(log) }
      const from = again ? BEGINNING : ledger.position(url, log.session)
      const sent = await uploadLog(named, destination, looks.ledger, now, from)
      at.segments += sent.segments
      at.bytes += sent.bytes
      at.there += sent.there
      isSent = true
      ledger.believe(url, log.session)
      if (sent.segments + sent.there > 0) uploading.refused = 0
    }
  } catch (failure) {
    const problem = failure instanceof HoopctlError ? failure : unreadable(log.path, failure)
    if (problem.code === 'UPLOAD_CONFLICT') ledger.doubt(url, log.session, log.number)
    else uploading.refused = problem instanceof RefusedEvidence ? uploading.refused + 1 : Infinity
    // A conflict is worse than that something is away, and is not forgotten for it.
    if (at.problem?.code !== 'UPLOAD_CONFLICT') at.problem = problem
  }
  if (isSent && log.isOver && ledger.position(url, log.session).start >= log.bytes)
    ledger.whole(url, log.number, log.bytes)
  else at.waiting += 1
}
