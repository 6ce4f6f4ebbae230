import { valueAt } from '../json-spans.ts'
import { type Edit, setMember } from './edits.ts'
import { refusedInError, refusedInside } from './embedded-requests.ts'
import type { Exchange } from './exchanges.ts'
import { trimHandshake } from './handshake.ts'
import { filterList, LISTS } from './lists.ts'
import { isMembers, type Members, type ResponseMessage } from './message.ts'
import { ownMetaEdits } from './own-meta.ts'
import { imitatedMember, MEMBERS } from './protocol-members.ts'
import { cite } from './replies.ts'
import type { Shim } from './shim.ts'

/** What becomes of a server's answer: passed on with edits, or replaced by an error that says why. */
export type Treated =
  | { readonly ok: true; readonly edits: readonly Edit[]; readonly hidden: readonly string[] }
  | { readonly ok: false; readonly why: string }

const EDITED =
  'hoopctl: a person changed the arguments of this call before they approved it. What follows is the result of their version.'

const RESULT_TYPES = new Set(['complete', 'input_required', 'task'])
const CACHEABLE = new Set([...LISTS.keys(), 'server/discover', 'resources/read'])
const HANDSHAKES = new Set(['initialize', 'server/discover'])

/** The members that a finished result of a method has, and their shape where they are there. */
const ARRAYS: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'content'],
  ['resources/read', 'contents'],
  ['prompts/get', 'messages'],
])

/** Decides what becomes of a server's answer to one request of the client. */
export function treatAnswer(exchange: Exchange, message: ResponseMessage, shim: Shim): Treated {
  const own = ownMetaEdits(message)
  if (message.result === null) {
    const refused = refusedInError(message.error ?? {}, message.text, shim)
    if (refused !== null) return { ok: false, why: `${refused.why}${cite(refused.rules)}` }
    return { ok: true, edits: own, hidden: [] }
  }
  const fault = shapeFault(shapedLike(exchange, shim), message.result)
  if (fault !== null) return { ok: false, why: fault }
  const refused = refusedInside(message.result, message.text, () => resultAt(message), shim)
  if (refused !== null)
    return { ok: false, why: `the server asks for what is not allowed: ${refused.why}${cite(refused.rules)}` }
  rememberTask(exchange, message.result, shim)
  const treated = treatResult(exchange, message, shim)
  if (!treated.ok) return treated
  // An entry's or capability's own edits may lie inside an edit of the list around it, which then wins.
  const outer = [...treated.edits, ...cacheEdits(exchange, message, shim)]
  const inner = own.filter((edit) => !outer.some((around) => overlaps(around, edit)))
  if (inner.length < own.length)
    return { ok: false, why: 'the server speaks in hoopctl’s name inside a list that is filtered' }
  return { ok: true, edits: [...outer, ...inner], hidden: treated.hidden }
}

function treatResult(exchange: Exchange, message: ResponseMessage, shim: Shim): Treated {
  if (LISTS.has(exchange.method)) {
    const filtered = filterList(exchange.method, message, shim)
    const whole = exchange.firstPage && message.result?.['nextCursor'] === undefined
    if (exchange.method === 'tools/list' && filtered.ok && whole)
      shim.definitions.complete(shim.definitions.generation)
    return filtered
  }
  if (HANDSHAKES.has(exchange.method)) return { ok: true, ...trimHandshake(message, shim) }
  return { ok: true, edits: exchange.approved?.how === 'edited' ? tellEdited(message) : [], hidden: [] }
}

// The model must not believe that what it asked for is what was done.
function tellEdited({ text }: ResponseMessage): Edit[] {
  const content = valueAt(text, ['result', 'content'])
  if (content === undefined || text[content.start] !== '[') return []
  const told = JSON.stringify({ type: 'text', text: EDITED })
  const comma = text.slice(content.start + 1, content.end - 1).trim() === '' ? '' : ','
  return [{ span: { start: content.start + 1, end: content.start + 1 }, text: `${told}${comma}` }]
}

// A task's result is that of the call that made it.
function shapedLike({ method, task }: Exchange, shim: Shim): string {
  return method === 'tasks/result' && task !== null ? (shim.tasks.get(task)?.method ?? method) : method
}

function shapeFault(method: string, result: Members): string | null {
  const imitated = imitatedMember(result, MEMBERS.result)
  if (imitated !== null) return `a key of the result differs from \`${imitated}\` in case only`
  const type = result['resultType']
  if (type !== undefined && !(typeof type === 'string' && RESULT_TYPES.has(type)))
    return 'its `resultType` is unknown'
  const meta = result['_meta']
  if (meta !== undefined && !isMembers(meta)) return '`_meta` of the result is no object'
  if (type === 'input_required' || type === 'task' || isMembers(result['task'])) return null
  const member = ARRAYS.get(method)
  const value = member === undefined ? undefined : result[member]
  if (member === undefined || value === undefined) return null
  if (!Array.isArray(value)) return `\`${member}\` of the result is no list`
  return value.every(isMembers) ? null : `an entry of \`${member}\` is no object`
}

// Until 2025-11-25 a task stands under `task`; in the extension of 2026-07-28 the result is the task.
function rememberTask(exchange: Exchange, result: Members, shim: Shim): void {
  if (exchange.call === null) return
  const task = isMembers(result['task']) ? result['task'] : result['resultType'] === 'task' ? result : {}
  const id = task['taskId']
  if (typeof id !== 'string') return
  shim.tasks.add(id, { call: exchange.call, method: exchange.method, progressToken: exchange.progressToken })
}

// What policy filtered for one subject must not be served to another out of a cache, nor for longer than it holds.
function cacheEdits(exchange: Exchange, { text, result }: ResponseMessage, shim: Shim): Edit[] {
  if (!CACHEABLE.has(exchange.method) || result?.['resultType'] === 'input_required') return []
  const at = valueAt(text, ['result'])
  if (at === undefined) return []
  const edits: Edit[] = []
  const { cacheScope: scope, ttlMs: ttl } = result ?? {}
  if ((exchange.modern || scope !== undefined) && scope !== 'private')
    edits.push(setMember(text, at.start, 'cacheScope', '"private"'))
  const { until } = shim.standing
  const left = until === null ? null : Math.max(0, until.getTime() - shim.clock.now().getTime())
  if (left !== null && typeof ttl === 'number' && ttl > left)
    edits.push(setMember(text, at.start, 'ttlMs', String(left)))
  return edits
}

function resultAt({ text }: ResponseMessage): number {
  return valueAt(text, ['result'])?.start ?? 0
}

function overlaps(a: Edit, b: Edit): boolean {
  return a.span.start < b.span.end && b.span.start < a.span.end
}
