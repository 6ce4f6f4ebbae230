import type { Line } from './framing.ts'
import { isId, type NotificationMessage, parseMessage } from './message.ts'
import type { Shim } from './shim.ts'

/**
 * Is this line of a client a response, or does it cancel a request that is open? Then nothing is decided on it, and it need
 * not wait where requests do. What cancels a request that waits itself stays behind it.
 */
export function belongsToOpen(line: Line, shim: Shim): boolean {
  if (line.kind === 'oversize') return line.envelope.response
  const { caseSensitiveArguments } = shim.server
  const parsed = parseMessage(line.bytes, { fold: true, caseSensitiveArguments })
  if (!parsed.ok) return parsed.response // its server is told that it will not come
  const { message } = parsed
  return message.kind === 'response' || (message.kind === 'notification' && cancelsOpen(message, shim))
}

function cancelsOpen({ method, params }: NotificationMessage, { fromClient }: Shim): boolean {
  const id = params['requestId']
  return method === 'notifications/cancelled' && isId(id) && fromClient.get(id) !== undefined
}
