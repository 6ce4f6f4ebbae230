import { tookUs } from './new-exchange.ts'
import { lostAnswer } from './replies.ts'
import type { Shim } from './shim.ts'

/** Answers each request of the client that waits for a server that is gone, and says so. */
export function answerOpen(shim: Shim, why: string): void {
  for (const exchange of shim.fromClient.all()) {
    shim.fromClient.end(exchange.id)
    if (exchange.receive !== null || exchange.method === 'subscriptions/listen') continue
    const bytes = Buffer.from(lostAnswer(exchange.id, why))
    const took = tookUs(exchange, shim)
    const body = {
      kind: 'response',
      from: 'hoopctl',
      exchange: exchange.number,
      tookUs: took,
      isError: true,
    } as const
    const deliver = () => shim.client.send(bytes)
    shim.outbox.stage(body, { bytes, payload: 'results' }, { kind: 'answer', deliver, withhold: deliver })
  }
}
