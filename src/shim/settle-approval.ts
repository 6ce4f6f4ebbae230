import type { Exchange } from './exchanges.ts'
import type { Shim } from './shim.ts'

/** Notes what became of a call that was approved. Of one that passed by a remembered answer it says nothing: that claimed none. */
export function settleApproval({ approved }: Exchange, outcome: 'answered' | 'not-sent', shim: Shim): void {
  if (approved !== null && approved.how !== 'remembered') shim.desk?.settle(approved.id, outcome)
}
