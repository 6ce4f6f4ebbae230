import { valueAt } from '../json-spans.ts'
import type { Edit } from './edits.ts'
import type { Exchange, ListenFilter } from './exchanges.ts'
import { judgeCall, judgeTask } from './judge.ts'
import type { Members, RequestMessage, ResponseMessage } from './message.ts'
import { tookUs } from './new-exchange.ts'
import type { Shim } from './shim.ts'

/** What is left of a `subscriptions/listen` request after its addresses were decided. */
export interface Listen {
  readonly filter: ListenFilter
  readonly edits: readonly Edit[]
  readonly hidden: readonly string[]
}

const LISTS = new Set(['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'])

/**
 * Decides each address and each task of a `subscriptions/listen` request; refused ones are taken out. So is any kind of
 * notification that this version does not know: it could tell anything.
 */
export function decideListen(message: RequestMessage, asked: Members, shim: Shim): Listen {
  const hidden = Object.keys(asked).filter(
    (key) => !LISTS.has(key) && key !== 'resourceSubscriptions' && key !== 'taskIds',
  )
  const lists = [...LISTS].filter((name) => asked[name] === true)
  const allowed = (uri: string) => judgeCall({ kind: 'resource', uri }, shim).effect === 'allow'
  const resources = narrow(asked['resourceSubscriptions'], allowed, hidden)
  const tasks = narrow(asked['taskIds'], (task) => judgeTask(task, shim).effect === 'allow', hidden)
  const filter = { lists, resources: new Set(resources), tasks: new Set(tasks) }
  const span = valueAt(message.text, ['params', 'notifications'])
  if (hidden.length === 0 || span === undefined) return { filter, edits: [], hidden }
  const left = {
    ...Object.fromEntries(lists.map((name) => [name, true])),
    ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
    ...(tasks.length === 0 ? {} : { taskIds: tasks }),
  }
  return { filter, edits: [{ span, text: JSON.stringify(left) }], hidden }
}

function narrow(asked: unknown, allowed: (name: string) => boolean, hidden: string[]): string[] {
  const names = asked === undefined ? [] : Array.isArray(asked) ? asked : [asked]
  const kept: string[] = []
  for (const name of names) {
    if (typeof name === 'string' && allowed(name)) kept.push(name)
    else hidden.push(String(name))
  }
  return kept
}

const METHOD_NOT_FOUND = -32601

/**
 * Serves a `subscriptions/listen` stream where the server does not know the method, so that changes of what policy
 * allows can be told. Returns whether it does. The stream stays open until the client cancels it.
 */
export function serveListen(exchange: Exchange, answer: ResponseMessage, shim: Shim): boolean {
  if (exchange.method !== 'subscriptions/listen' || answer.error?.['code'] !== METHOD_NOT_FOUND) return false
  const notifications = Object.fromEntries((exchange.filter?.lists ?? []).map((name) => [name, true]))
  const method = 'notifications/subscriptions/acknowledged'
  const params = { _meta: { 'io.modelcontextprotocol/subscriptionId': exchange.id }, notifications }
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }))
  shim.served.set(exchange.id, exchange.filter ?? { lists: [], resources: new Set(), tasks: new Set() })
  const took = tookUs(exchange, shim)
  const unknown = {
    kind: 'response',
    from: 'server',
    exchange: exchange.number,
    tookUs: took,
    isError: true,
  } as const
  shim.outbox.note(unknown, { bytes: answer.bytes, payload: 'results' })
  shim.outbox.stage(
    { kind: 'notification', from: 'hoopctl', method },
    { bytes, payload: 'results' },
    {
      kind: 'message',
      deliver: () => shim.client.send(bytes),
      withhold: () => undefined, // a client that hears no acknowledgement asks again
    },
  )
  return true
}
