import type { Exchange } from './exchanges.ts'
import { leaveHeld } from './end-held.ts'
import type { HeldCall } from './held-calls.ts'
import { tookUs } from './new-exchange.ts'
import { lostAnswer } from './replies.ts'
import type { Peer, Shim } from './shim.ts'

/** Answers each request of the client that waits for a server that is gone, and says so. */
export function answerOpen(shim: Shim, ended: string): void {
  shim.progress.giveUpGreeting?.(ended, null)
  answerHeld(shim, ended)
  const why = `${ended} before it answered`
  for (const exchange of shim.fromClient.all()) {
    shim.fromClient.end(exchange.id)
    if (answersToClient(exchange)) answerLost(exchange, why, shim.client, shim)
  }
}

/** Answers each call that waits for a person, because it ends now. It was never sent, and must not read as if it might have been. */
export function answerHeld(shim: Shim, why: string, andThen = howItGoesOn): void {
  for (const held of shim.held.all()) {
    leaveHeld(held, why, shim)
    shim.fromClient.end(held.exchange.id)
    answerLost(held.exchange, `this call was not sent: ${why}${andThen(held, shim)}`, shim.client, shim)
  }
}

function howItGoesOn({ question: { approval } }: HeldCall, { desk }: Shim): string {
  if (desk?.get(approval)?.state !== 'queued') return ''
  return `. It goes on waiting for approval ${approval}: once a person has answered that (hoopctl approve ${approval}), the same call passes`
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
