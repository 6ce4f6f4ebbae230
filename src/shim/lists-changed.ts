import type { Id } from './message.ts'
import type { Shim } from './shim.ts'

/** The lists that a client may be told of: the capability, the member of a stream's filter, the notification. */
const CHANGES = [
  { capability: 'tools', asked: 'toolsListChanged', method: 'notifications/tools/list_changed' },
  { capability: 'resources', asked: 'resourcesListChanged', method: 'notifications/resources/list_changed' },
  { capability: 'prompts', asked: 'promptsListChanged', method: 'notifications/prompts/list_changed' },
] as const

/**
 * Tells the client that its lists are other ones now: after its handshake is over, or, from 2026-07-28 on, on each open
 * stream that asked (docs/design.md, "Lists").
 */
export function tellListsChanged(shim: Shim): void {
  for (const { capability, asked, method } of CHANGES) {
    if (shim.progress.initialized && shim.progress.announced.has(capability)) tell(method, {}, shim)
    for (const id of streamsThatAsked(asked, shim)) {
      tell(method, { params: { _meta: { 'io.modelcontextprotocol/subscriptionId': id } } }, shim)
    }
  }
}

function streamsThatAsked(asked: string, { fromClient, served }: Shim): Id[] {
  const open = fromClient.all().filter(({ sent, filter }) => sent && filter?.lists.includes(asked) === true)
  const ours = [...served].filter(([, filter]) => filter.lists.includes(asked))
  return [...open.map(({ id }) => id), ...ours.map(([id]) => id)]
}

function tell(method: string, params: object, shim: Shim): void {
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, ...params }))
  shim.outbox.stage(
    { kind: 'notification', from: 'hoopctl', method },
    { bytes, payload: 'results' },
    {
      kind: 'message',
      deliver: () => shim.client.send(bytes),
      withhold: () => undefined, // its lists are filtered all the same when it asks
    },
  )
}
