import type { SessionLog } from '../../audit/session-log.ts'
import type { EvidenceLimit } from '../../shim/evidence-limit.ts'
import type { Context } from '../context.ts'
import { underPolicy } from '../under-policy.ts'
import { BackgroundUploads, type Uploaded } from './background-uploads.ts'
import type { ConfirmedUploads } from './confirmed-uploads.ts'

/** What a session has to do with the upload of its log. */
export interface SessionUploads {
  /** null: nothing can hold its calls to it. */
  readonly evidence: EvidenceLimit | null
  /** Sends what was written last, and settles when the policy has it waited for no longer. */
  close(): Promise<void>
}

/** What is uploaded, and who is told of it. */
interface Recorded extends Pick<Uploaded, 'feed' | 'policy'> {
  readonly log: Pick<SessionLog, 'session' | 'path'>
  readonly confirmed: ConfirmedUploads
  readonly say: (line: string) => void
}

/** Begins what uploads a session's log, and what holds its calls to that. */
export async function openUploads(recorded: Recorded, context: Context): Promise<SessionUploads> {
  const { log, confirmed, feed, policy } = recorded
  const evidence = await evidenceFor(recorded, context)
  const isWaiting = () => evidence?.isWaiting ?? false
  const uploads = new BackgroundUploads({ feed, policy, path: () => log.path, isWaiting }, context)
  return {
    evidence,
    close: () => {
      evidence?.close()
      confirmed.close()
      return uploads.close()
    },
  }
}

// A policy of this person is read once; a central one may ask for it while the session runs.
async function evidenceFor(
  { feed, policy: named, log, say }: Recorded,
  context: Context,
): Promise<EvidenceLimit | null> {
  const { policy } = feed.current()
  const { requiredMs, spool } = policy.uploadTerms
  if (!policy.signed && requiredMs === null && spool === null) return null
  const { limitByEvidence } = await import('../beyond-local.ts')
  const help = uploadHelp(named, context)
  const evidence = limitByEvidence({ log, help, say, now: context.now }, context.directories())
  evidence.holdTo(policy)
  return evidence
}

function uploadHelp(policy: string | undefined, context: Context): string {
  const under = underPolicy(policy, context)
  return `A person sees why with: hoopctl status${under}, and sends what waits with: hoopctl sessions upload${under}`
}
