import type { Decision } from '../../decision.ts'
import type { Policy } from '../../policy/policy.ts'
import { evidenceDenial, NOWHERE, TOO_MUCH } from '../../shim/evidence-denial.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { sinceBoot } from '../../state/since-boot.ts'
import { UploadStanding } from '../../state/upload-standing.ts'
import { Uploads } from '../../state/uploads.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { underPolicy } from '../under-policy.ts'
import { EvidenceLogs } from './evidence-logs.ts'
import { uploadJson, uploadLines, type UploadRow, uploadRows } from './upload-rows.ts'

/** How the evidence of a policy stands on this machine. */
export interface UploadStatus {
  readonly rows: readonly UploadRow[]
  /** URLs of destinations that nothing is sent to, because the policy is not signed. */
  readonly unused: readonly string[]
  /** Why calls are denied now for what waits, and what helps; null: they are not. */
  readonly denied: (Pick<Decision, 'rules' | 'why'> & { readonly hint: string }) | null
}

/** Tells it of a policy. Reads no network, and changes nothing. */
export function uploadStatus(
  policy: Policy,
  { shared, named }: { readonly shared: SharedState; readonly named: string | undefined },
  context: Context,
): UploadStatus {
  const logs = new EvidenceLogs(policy, shared, context)
  const ledger = new Uploads(shared)
  const standing = new UploadStanding(shared, policy)
  const standings = standing.all()
  const rows = uploadRows(policy, { logs, ledger, standings })
  const [first] = policy.uploads
  // Of those that are not over none is whole anywhere: each destination has the same.
  const waiting = first === undefined ? [] : logs.waitingFor(first.url, ledger).logs
  const unended = waiting.filter(({ isOver }) => !isOver)
  const known = { standings, spool: standing.spool(), logs: unended }
  const denial = evidenceDenial(policy, known, { nowMs: context.now().getTime(), bootMs: sinceBoot() })
  const denied = denial && { rules: denial.rules, why: denial.why, hint: wayOut(denial, named, context) }
  return { rows, unused: policy.unusedUploads, denied }
}

/** Says it as `status --json` does. */
export function uploadStatusJson({ rows, unused, denied }: UploadStatus): object {
  return { uploads: rows.map(uploadJson), unusedUploads: unused, denied }
}

/** Says of each destination, in lines, what waits and why. */
export function destinationLines({ rows, unused }: UploadStatus): string[] {
  const hint = 'hint: sign it: hoopctl policy sign; an unsigned policy may name directories'
  const nowhere = unused.map(
    (url) => `${visible(url)}: not used, nothing is sent there: this policy is not signed`,
  )
  return [...uploadLines(rows), ...nowhere, ...(unused.length === 0 ? [] : [hint])]
}

/** Says in lines whether calls are denied; none where they are not. */
export function denialLines({ denied }: UploadStatus): string[] {
  if (denied === null) return []
  return [`denied now by \`${denied.rules.join()}\`: ${denied.why}`, `hint: ${visible(denied.hint)}`]
}

function wayOut(denial: Decision, named: string | undefined, context: Context): string {
  if (denial === NOWHERE) return 'sign it (hoopctl policy sign), or name a directory in `audit.upload.to`'
  const until =
    denial === TOO_MUCH
      ? 'calls pass again once less waits'
      : 'calls pass again with the next confirmation from there'
  return `type: hoopctl sessions upload${underPolicy(named, context)}; it says what is in the way, and ${until}`
}
