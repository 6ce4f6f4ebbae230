import { answerHeld, answerLost, answersToClient } from './answer-open.ts'
import type { Exchange } from './exchanges.ts'
import type { Shim } from './shim.ts'

/**
 * Ends the open requests of both sides, because somebody else asks from now on: each is answered with an error, and the
 * answer that may still come reaches nobody.
 */
export function abandonOpen(shim: Shim, why: string): void {
  shim.listing.waiting.splice(0) // its calls end here, and the list that they wait for: the next call lists anew
  answerHeld(shim, why, () => '') // what becomes of it later is not for whoever asks now
  shim.held.forget()
  const asked = shim.fromClient.abandon(shim.tasks.tokens())
  for (const exchange of asked.filter(answersToClient)) answerLost(exchange, why, shim.client, shim)
  // A server is greeted once, and its answer to the one before reaches nobody.
  shim.progress.giveUpGreeting?.(why, 'A person must restart the client')
  for (const exchange of shim.fromServer.abandon()) {
    answerLost(exchange, why, shim.child, shim)
    withdraw(exchange, why, shim)
  }
}

// So that the person who asks next is not shown what the one before was asked. What is to become a task is cancelled
// as a task only, and its id is not known yet.
function withdraw({ id, asksTask }: Exchange, reason: string, shim: Shim): void {
  if (asksTask) return
  const method = 'notifications/cancelled'
  const params = { requestId: id, reason: `hoopctl: ${reason}` }
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }))
  shim.outbox.stage(
    { kind: 'notification', from: 'hoopctl', method },
    { bytes, payload: 'results' },
    {
      kind: 'message',
      deliver: () => shim.client.send(bytes),
      withhold: () => undefined, // its answer goes nowhere all the same
    },
  )
}
