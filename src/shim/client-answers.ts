import { contentSizes } from './elicited.ts'
import { tookUs } from './new-exchange.ts'
import { rewrite } from './forward-request.ts'
import { isMembers, type ResponseMessage } from './message.ts'
import { ownMetaEdits } from './own-meta.ts'
import { refuseSilently } from './refuse.ts'
import { lostAnswer } from './replies.ts'
import type { Shim } from './shim.ts'

/** Passes the client's answer to a server's request on. What a person typed is recorded as names and sizes. */
export function onClientAnswer(message: ResponseMessage, shim: Shim): void {
  const exchange = shim.fromServer.end(message.id)
  if (exchange === undefined && shim.fromServer.endAbandoned(message.id))
    return refuseSilently('client', message.bytes, 'it answers a request of the session before', shim)
  if (exchange === undefined)
    return refuseSilently('client', message.bytes, 'it answers no request that is open', shim)
  const { bytes, changed } = rewrite(message, ownMetaEdits(message), [])
  const task = message.result?.['task']
  if (isMembers(task) && typeof task['taskId'] === 'string') shim.clientTasks.add(task['taskId'])
  const elicited = exchange.method === 'elicitation/create' || exchange.method === 'tasks/result'
  const body = {
    kind: 'response',
    from: 'client',
    exchange: exchange.number,
    tookUs: tookUs(exchange, shim),
    isError: message.error !== null,
    ...(changed === undefined ? {} : { changed }),
    ...(elicited ? { answers: contentSizes(message.result ?? {}) } : {}),
  } as const
  shim.outbox.stage(
    body,
    { bytes, payload: elicited ? 'none' : 'requests' },
    {
      kind: 'answer',
      deliver: () => shim.child.send(bytes),
      withhold: () =>
        shim.child.send(lostAnswer(exchange.id, 'the answer cannot be recorded, so it is withheld')),
    },
  )
}
