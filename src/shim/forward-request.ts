import type { Decision } from '../decision.ts'
import { sha256 } from '../digest.ts'
import type { Changed } from '../records.ts'
import { denial, unrecorded } from './deny.ts'
import { applyEdits, type Edit } from './edits.ts'
import type { Exchange } from './exchanges.ts'
import type { Listen } from './listen.ts'
import type { RequestMessage } from './message.ts'
import { ownMetaEdits } from './own-meta.ts'
import { count, payloadOf, requestRecord } from './request-record.ts'
import type { Shim } from './shim.ts'

/** Stages a request that may be sent: its record, and the line to the server that follows it. */
export function forwardRequest(
  message: RequestMessage,
  exchange: Exchange,
  decision: Decision,
  listen: Listen | null,
  shim: Shim,
): void {
  const { bytes, changed } = rewrite(
    message,
    [...ownMetaEdits(message), ...(listen?.edits ?? [])],
    listen?.hidden ?? [],
  )
  if (listen !== null) exchange.filter = listen.filter
  const body = requestRecord(message, exchange, decision, shim.standing.policy.audit.payloads, changed)
  exchange.sent = true // from here on it can only be cancelled at the server
  shim.outbox.stage(
    body,
    { bytes, payload: payloadOf(body) },
    {
      kind: 'message',
      deliver: () => {
        count(decision, shim)
        follow(message, shim)
        shim.child.send(bytes)
      },
      withhold: () => {
        shim.fromClient.end(exchange.id)
        shim.client.send(denial(message, exchange, unrecorded(shim), shim))
      },
    },
  )
}

/** Applies edits to a message; `changed` is there only where the bytes differ from those that came. */
export function rewrite(
  message: { readonly bytes: Uint8Array; readonly text: string },
  edits: readonly Edit[],
  hidden: readonly string[],
): { readonly bytes: Uint8Array; readonly changed?: Changed } {
  if (edits.length === 0) return { bytes: message.bytes }
  const received = { bytes: message.bytes.length, sha256: sha256(message.bytes) }
  const names = hidden.length === 0 ? {} : { hidden }
  return { bytes: Buffer.from(applyEdits(message.text, edits)), changed: { ...names, received } }
}

// What the server was asked to keep telling of.
function follow({ method, params }: RequestMessage, shim: Shim): void {
  if (method === 'initialize') shim.progress.handshake = true
  const uri = params['uri']
  if (typeof uri !== 'string') return
  if (method === 'resources/subscribe') shim.subscribed.add(uri)
  if (method === 'resources/unsubscribe') shim.subscribed.delete(uri)
}
