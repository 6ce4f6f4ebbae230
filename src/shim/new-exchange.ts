import type { Call } from '../decision.ts'
import type { Exchange } from './exchanges.ts'
import { isId, isMembers, type Members, type RequestMessage } from './message.ts'
import { nextExchange, type Shim } from './shim.ts'

/** Opens the exchange of a client's request: from now on its id is taken, also while the call is held. */
export function beginExchange(
  message: RequestMessage,
  call: Call | null,
  task: string | null,
  shim: Shim,
): Exchange {
  const exchange = newExchange(message, call, task, shim)
  shim.progress.begun = true
  shim.fromClient.begin(exchange)
  return exchange
}

/** Makes the exchange of a request of either side, which is not open yet. */
export function newExchange(
  message: RequestMessage,
  call: Call | null,
  task: string | null,
  shim: Shim,
): Exchange {
  const meta: Members = isMembers(message.params['_meta']) ? message.params['_meta'] : {}
  const token = meta['progressToken']
  return {
    number: nextExchange(shim),
    id: message.id,
    method: message.method,
    startedMs: shim.clock.ms(),
    call,
    client: shim.progress.client,
    modern: typeof meta['io.modelcontextprotocol/protocolVersion'] === 'string',
    progressToken: isId(token) ? token : null,
    task,
    asksTask: isMembers(message.params['task']),
    filter: null,
    firstPage: message.params['cursor'] === undefined,
    sent: false,
    approved: null,
    receive: null,
  }
}

/** How long an exchange has taken until now, in whole microseconds. */
export function tookUs(exchange: Exchange, shim: Shim): number {
  return Math.round((shim.clock.ms() - exchange.startedMs) * 1000)
}
