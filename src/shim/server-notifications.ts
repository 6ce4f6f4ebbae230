import { valueAt } from '../json-spans.ts'
import { subscriptionOf } from './client-notifications.ts'
import { refusedInside } from './embedded-requests.ts'
import { rewrite } from './forward-request.ts'
import { judgeCall, judgeSent, judgeTask } from './judge.ts'
import { isId, type NotificationMessage } from './message.ts'
import { SERVER_NOTIFICATIONS } from './methods.ts'
import { dropNotification, passNotification } from './notify.ts'
import { ownMetaEdits } from './own-meta.ts'
import { cite } from './replies.ts'
import type { Shim } from './shim.ts'

/** Passes a server's notification on where it is known and belongs to something that the client may hear of. */
export function onServerNotification(message: NotificationMessage, shim: Shim): void {
  const row = SERVER_NOTIFICATIONS.get(message.method)
  const why =
    row === undefined
      ? `hoopctl does not know the notification \`${message.method}\``
      : whyDropped(message, shim)
  if (message.method === 'notifications/tools/list_changed') shim.definitions.forget()
  if (why !== null) return dropNotification('server', message, why, shim)
  passNotification('server', message, rewrite(message, ownMetaEdits(message), []), shim)
}

const ENDED = 'the call that made that task is not allowed any more'

function whyDropped(message: NotificationMessage, shim: Shim): string | null {
  const { method, params } = message
  const stream = subscriptionOf(params)
  if (stream !== null) return whyNotOnStream(stream, message, shim)
  switch (method) {
    case 'notifications/message':
      return null
    case 'notifications/tools/list_changed':
    case 'notifications/prompts/list_changed':
    case 'notifications/resources/list_changed':
      return shim.progress.handshake ? null : 'no stream that is open asked for it'
    case 'notifications/progress':
      return whyNotProgress(params['progressToken'], shim)
    case 'notifications/cancelled':
      return whyNotCancelled(params['requestId'], shim)
    case 'notifications/resources/updated':
      return whyNotUpdated(params['uri'], shim)
    case 'notifications/elicitation/complete':
      return isKnown(params['elicitationId'], shim.elicitations)
        ? null
        : 'no elicitation of that id was let through'
    case 'notifications/tasks':
    case 'notifications/tasks/status':
      return whyNotTask(message, shim)
    default:
      return 'it belongs to no stream'
  }
}

const LIST_OF_STREAM: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'toolsListChanged'],
  ['notifications/prompts/list_changed', 'promptsListChanged'],
  ['notifications/resources/list_changed', 'resourcesListChanged'],
])

// From 2026-07-28 on: only what the stream's own request asked for, after it was decided.
function whyNotOnStream(stream: string | number, message: NotificationMessage, shim: Shim): string | null {
  const { method, params } = message
  const filter = shim.fromClient.get(stream)?.filter
  if (filter === undefined || filter === null) return 'it names a stream that is not open'
  if (method === 'notifications/subscriptions/acknowledged') return null
  if (method === 'notifications/cancelled') return whyNotCancelled(params['requestId'], shim)
  const list = LIST_OF_STREAM.get(method)
  if (list !== undefined) return filter.lists.includes(list) ? null : 'its stream did not ask for it'
  if (method === 'notifications/resources/updated')
    return whyNotUpdated(params['uri'], shim, filter.resources)
  if (method === 'notifications/tasks') {
    const asked = isKnown(params['taskId'], filter.tasks)
    return asked ? whyNotTask(message, shim) : 'its stream did not ask for that task'
  }
  return 'a stream does not carry it'
}

// `["t"]` is no id, though some readers make the text `t` of it.
function isKnown(id: unknown, known: { has(id: string): boolean }): boolean {
  return typeof id === 'string' && known.has(id)
}

function whyNotProgress(token: unknown, shim: Shim): string | null {
  const stray = 'its token belongs to no allowed call'
  if (!isId(token) || shim.fromClient.isAbandonedToken(token)) return stray
  const tasks = shim.tasks.ofToken(token)
  // One token may have been given to several calls: then it is not known which of them it tells of.
  if (tasks.some(({ call }) => judgeSent(call, shim).effect !== 'allow')) return ENDED
  return tasks.length > 0 || shim.fromClient.byToken(token) !== undefined ? null : stray
}

function whyNotCancelled(id: unknown, shim: Shim): string | null {
  const request = isId(id) ? shim.fromServer.get(id) : undefined
  if (request !== undefined) {
    shim.fromServer.cancel(request, shim.clock.ms())
    return null
  }
  const stream = isId(id) ? shim.fromClient.get(id) : undefined
  if (stream?.method !== 'subscriptions/listen') return 'it cancels nothing that is open'
  shim.fromClient.end(stream.id)
  return null
}

// The address is decided as a read of it would be: a server may tell of a part of what was subscribed, and what was
// allowed then may have ended.
function whyNotUpdated(
  uri: unknown,
  shim: Shim,
  asked: ReadonlySet<string> = shim.subscribed,
): string | null {
  if (typeof uri !== 'string' || asked.size === 0) return 'nothing was subscribed'
  const call = { kind: 'resource', uri } as const
  // A person who let this very address be subscribed is not asked about each update of it.
  const { effect } = asked.has(uri) ? judgeSent(call, shim) : judgeCall(call, shim)
  return effect === 'allow' ? null : 'its address is not allowed'
}

function whyNotTask({ params, text }: NotificationMessage, shim: Shim): string | null {
  if (typeof params['taskId'] !== 'string') return 'it names no task'
  const why = whyNotMade(params['taskId'], shim)
  if (why !== null) return why
  const refused = refusedInside(params, text, () => valueAt(text, ['params'])?.start ?? 0, shim)
  return refused === null ? null : `${refused.why}${cite(refused.rules)}`
}

// *Seen*: server-everything tells of a task before the answer that names it. Then it may be that of any open call,
// and, where somebody else asked before, one of theirs, which may never be named.
function whyNotMade(task: string, shim: Shim): string | null {
  const { tasks, fromClient } = shim
  const open = tasks.othersMade ? [] : fromClient.all()
  const mayMake = open.flatMap(({ asksTask, call, sent }) => (asksTask && sent && call) || [])
  const decisions = tasks.has(task) ? [judgeTask(task, shim)] : mayMake.map((call) => judgeSent(call, shim))
  if (decisions.length === 0) return 'no allowed call made that task'
  const refused = decisions.find(({ effect }) => effect !== 'allow')
  return refused === undefined ? null : `${ENDED}: ${refused.why}${cite(refused.rules)}`
}
