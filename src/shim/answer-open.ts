import type { Exchange } from './exchanges.ts'
import { leaveHeld } from './end-held.ts'
import { tookUs } from './new-exchange.ts'
import { lostAnswer } from './replies.ts'
import type { Peer, Shim } from './shim.ts'

/** Answers each request of the client that waits for a server that is gone, and says so. */
export function answerOpen(shim: Shim, why: string): void {
  for (const held of shim.held.all()) leaveHeld(held, why, shim)
  for (const exchange of shim.fromClient.all()) {
    shim.fromClient.end(exchange.id)
    if (answersToClient(exchange)) answerLost(exchange, why, shim.client, shim)
  }
}

/** Does the client wait for its answer? Not for that of hoopctl's own, nor for that of a stream. */
export function answersToClient({ receive, method }: Exchange): boolean {
  return receive === null && method !== 'subscriptions/listen'
}

/** Answers a request with an error, because its own answer will not be passed on. */
export function answerLost(exchange: Exchange, why: string, peer: Peer, shim: Shim): void {
  const bytes = Buffer.from(lostAnswer(exchange.id, why))
  const body = {
    kind: 'response',
    from: 'hoopctl',
    exchange: exchange.number,
    tookUs: tookUs(exchange, shim),
    isError: true,
  } as const
  const deliver = () => peer.send(bytes)
  shim.outbox.stage(body, { bytes, payload: 'results' }, { kind: 'answer', deliver, withhold: deliver })
}
