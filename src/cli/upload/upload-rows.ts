import type { Policy } from '../../policy/policy.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { EvidenceLogs } from './evidence-logs.ts'

/** What a destination was seen to hold of the sessions of a policy, as far as is known here. */
export interface UploadRow {
  readonly destination: string
  readonly sessions: number
  /** Those that it was not yet seen to hold whole: they run, or something is in the way. */
  readonly waiting: number
}

/** Tells of each destination of a policy what waits. Reads no network. */
export function uploadRows(policy: Policy, shared: SharedState, context: Context): readonly UploadRow[] {
  if (policy.uploads.length === 0) return []
  const all = new EvidenceLogs(policy, shared, context)
  const ledger = new Uploads(shared)
  return policy.uploads.map(({ url }) => {
    const { whole, logs } = all.waitingFor(url, ledger)
    return { destination: url, sessions: whole + logs.length, waiting: logs.length }
  })
}

/** Says it in lines. */
export function uploadLines(rows: readonly UploadRow[]): string[] {
  return rows.map(({ destination, sessions, waiting }) => {
    const what = waiting === 0 ? 'all are there' : `${waiting} not whole there yet: hoopctl sessions upload`
    return `${visible(destination)}: ${counted(sessions, 'session')}, ${what}`
  })
}
