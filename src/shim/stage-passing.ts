import { sha256 } from '../digest.ts'
import type { DecisionBody } from '../records.ts'
import { denial, unrecorded } from './deny.ts'
import { rewrite } from './forward-request.ts'
import type { Asked } from './held-calls.ts'
import { ownMetaEdits } from './own-meta.ts'
import { settleApproval } from './settle-approval.ts'
import type { Shim } from './shim.ts'

/** Gives the bytes of a call as the server gets them. */
export function toSend({ message }: Asked): Uint8Array {
  return rewrite(message, ownMetaEdits(message), []).bytes
}

/** Why a call passes. */
type Why = Pick<DecisionBody, 'rules' | 'approval' | 'why'>

/** Stages the decision that lets a call pass, and the call behind it. */
export function stagePassing(why: Why, { message, exchange }: Asked, bytes: Uint8Array, shim: Shim): void {
  const sent = { bytes: bytes.length, sha256: sha256(bytes) }
  const body = { kind: 'decision', exchange: exchange.number, effect: 'allow', ...why, sent } as const
  shim.outbox.stage(body, null, {
    kind: 'message',
    deliver: () => shim.child.send(bytes),
    withhold: () => {
      shim.fromClient.end(exchange.id)
      settleApproval(exchange, 'not-sent', shim)
      shim.client.send(denial(message, exchange, unrecorded(shim), shim, body.approval))
    },
  })
}
