import type { Exchange } from './exchanges.ts'
import type { Shim } from './shim.ts'

const EVERY_MS = 5000

/**
 * Tells a client that asked for progress that its call waits, every 5 s; returns what ends it. The values rise towards
 * zero, so that whatever the server tells later is more (the protocol wants them to rise).
 */
export function tellWaiting({ progressToken }: Exchange, approval: string, shim: Shim): () => void {
  if (progressToken === null) return () => undefined
  let told = 0
  const tell = () => {
    told += 1
    const message = `waiting for a person: hoopctl approve ${approval}`
    const params = { progressToken, progress: -1 / told, message }
    notify('notifications/progress', params, shim)
  }
  const timer = setInterval(() => shim.later(tell), EVERY_MS)
  return () => clearInterval(timer)
}

function notify(method: string, params: object, shim: Shim): void {
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }))
  shim.outbox.stage(
    { kind: 'notification', from: 'hoopctl', method },
    { bytes, payload: 'results' },
    {
      kind: 'message',
      deliver: () => shim.client.send(bytes),
      withhold: () => undefined, // nobody waits for a notification
    },
  )
}
