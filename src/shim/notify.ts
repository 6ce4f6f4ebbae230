import type { Changed } from '../records.ts'
import type { NotificationMessage } from './message.ts'
import type { Shim } from './shim.ts'

type From = 'client' | 'server'

/** Records a notification and passes it on. */
export function passNotification(
  from: From,
  message: NotificationMessage,
  forwarded: { readonly bytes: Uint8Array; readonly changed?: Changed },
  shim: Shim,
): void {
  const changed = forwarded.changed === undefined ? {} : { changed: forwarded.changed }
  const body = { kind: 'notification', from, method: message.method, ...changed } as const
  const peer = from === 'client' ? shim.child : shim.client
  shim.outbox.stage(
    body,
    { bytes: forwarded.bytes, payload: from === 'client' ? 'requests' : 'results' },
    {
      kind: 'message',
      deliver: () => peer.send(forwarded.bytes),
      withhold: () => undefined, // nobody waits for a notification
    },
  )
}

/** Records a notification that goes no further; of a flood of the server's, how many there were. */
export function dropNotification(from: From, message: NotificationMessage, why: string, shim: Shim): void {
  const more = from === 'server' ? shim.dropped.count(message.method) : ''
  if (more === null) return
  const decision = { effect: 'deny', rules: [], why: `${why}${more}` } as const
  const body = { kind: 'notification', from, method: message.method, decision } as const
  shim.outbox.note(body, { bytes: message.bytes, payload: from === 'client' ? 'requests' : 'results' })
}
