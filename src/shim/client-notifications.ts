import { shorten } from '../visible.ts'
import { leaveHeld } from './end-held.ts'
import { rewrite } from './forward-request.ts'
import { isId, isMembers, type NotificationMessage } from './message.ts'
import { CLIENT_NOTIFICATIONS } from './methods.ts'
import { dropNotification, passNotification } from './notify.ts'
import { ownMetaEdits } from './own-meta.ts'
import type { Shim } from './shim.ts'

/** Passes a client's notification on where it is known and belongs to something that the server got. */
export function onClientNotification(message: NotificationMessage, shim: Shim): void {
  const row = CLIENT_NOTIFICATIONS.get(message.method)
  if (row === undefined) return dropNotification('client', message, unknownWhy(message.method), shim)
  if (message.method === 'notifications/cancelled') return onCancelled(message, shim)
  if (row.treatment === 'own' && !belongs(message, shim))
    return dropNotification('client', message, row.why, shim)
  if (message.method === 'notifications/initialized') shim.progress.initialized = true
  passNotification('client', message, rewrite(message, ownMetaEdits(message), []), shim)
}

function unknownWhy(method: string): string {
  const request = method.startsWith('notifications/') ? '' : ', and a request needs an id'
  return `hoopctl does not know the notification \`${shorten(method)}\`${request}`
}

function belongs({ method, params }: NotificationMessage, shim: Shim): boolean {
  if (method === 'notifications/progress') {
    const token = params['progressToken']
    return isId(token) && shim.fromServer.byToken(token) !== undefined
  }
  return typeof params['taskId'] === 'string' && shim.clientTasks.has(params['taskId'])
}

// Cancelling ends a held call here; one that the server got keeps its id until its late answer.
function onCancelled(message: NotificationMessage, shim: Shim): void {
  const id = message.params['requestId']
  const exchange = isId(id) ? shim.fromClient.get(id) : undefined
  if (exchange === undefined || !isId(id) || exchange.receive !== null) {
    if (isId(id) && shim.served.delete(id))
      return dropNotification('client', message, 'hoopctl served that stream', shim)
    return dropNotification('client', message, 'it cancels nothing that the server got', shim)
  }
  if (!exchange.sent) {
    const held = shim.held.ofExchange(exchange)
    if (held !== undefined) leaveHeld(held, 'its client cancelled it', shim)
    shim.fromClient.end(id)
    return dropNotification('client', message, 'the call was held and is not sent any more', shim)
  }
  shim.fromClient.cancel(exchange, shim.clock.ms())
  passNotification('client', message, rewrite(message, ownMetaEdits(message), []), shim)
}

/** Is this the `_meta` of a notification on a stream, and of which? */
export function subscriptionOf(params: NotificationMessage['params']): string | number | null {
  const meta = isMembers(params['_meta']) ? params['_meta'] : {}
  const id = meta['io.modelcontextprotocol/subscriptionId']
  return isId(id) ? id : null
}
