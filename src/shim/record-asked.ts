import type { Decision } from '../decision.ts'
import { rewrite } from './forward-request.ts'
import type { Asked } from './held-calls.ts'
import { ownMetaEdits } from './own-meta.ts'
import { count, payloadOf, requestRecord } from './request-record.ts'
import type { Shim } from './shim.ts'

/** Stages the record of a request that a rule asks about; what follows it is staged behind. Gives what is sent if it passes. */
export function recordAsked(
  { message, exchange }: Pick<Asked, 'message' | 'exchange'>,
  decision: Decision,
  shim: Shim,
): Uint8Array {
  const { bytes, changed } = rewrite(message, ownMetaEdits(message), [])
  const body = requestRecord(message, exchange, decision, shim.standing.policy.audit.payloads, changed)
  shim.outbox.stage(
    body,
    { bytes, payload: payloadOf(body) },
    { kind: 'message', deliver: () => count(decision, shim), withhold: () => undefined },
  )
  return bytes
}
