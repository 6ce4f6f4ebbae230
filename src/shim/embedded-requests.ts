import type { Call, Decision } from '../decision.ts'
import { elements, members, type Span, valueAt } from '../json-spans.ts'
import { judgeCall } from './judge.ts'
import { isMembers, type Members } from './message.ts'
import { imitatedMember, MEMBERS } from './protocol-members.ts'
import { readServerRequest } from './read-request.ts'
import type { Shim } from './shim.ts'

/** JSON-RPC error of the protocol: the person must visit an address first. */
const URL_ELICITATION_REQUIRED = -32042

// A task carries what its call ended with: a result of its own, or an error; `tasks/get` may wrap the task once more.
const LEVELS = 2

/** A text that is looked through, and the params of what was allowed in it. */
interface Look {
  readonly text: string
  readonly shim: Shim
  readonly allowed: Members[]
}

/**
 * Decides what a server asks of the client inside a result or a notification: `inputRequests` and the elicitations of
 * error −32042, also in the `error`, `result` and `task` that a task carries. Returns the first that is refused, or null.
 * @param at where `value` begins in `text`; called only where there is something to look at
 */
export function refusedInside(value: Members, text: string, at: () => number, shim: Shim): Decision | null {
  const look = { text, shim, allowed: [] }
  return settled(refusedAt(value, at, LEVELS, look), look)
}

/** Decides the elicitations that an answer's error −32042 carries; null where it carries none that is refused. */
export function refusedInError(error: Members, text: string, shim: Shim): Decision | null {
  const look = { text, shim, allowed: [] }
  return settled(
    refusedElicitations(error, () => startOf(text, 'error', 0), look),
    look,
  )
}

/** Remembers an elicitation that was let through, so that the notice of its completion may pass. */
export function rememberElicitation(params: Members, shim: Shim): void {
  const id = params['elicitationId']
  if (typeof id === 'string' && shim.elicitations.size < 1024) shim.elicitations.add(id)
}

// One that is refused keeps the whole message back, and with it those that were allowed.
function settled(refused: Decision | null, { allowed, shim }: Look): Decision | null {
  if (refused === null) for (const params of allowed) rememberElicitation(params, shim)
  return refused
}

function refusedAt(value: Members, at: () => number, levels: number, look: Look): Decision | null {
  const refused = refusedRequests(value['inputRequests'], at, look)
  if (refused !== null) return refused
  const inside = (key: string) => () => startOf(look.text, key, at())
  const { error } = value
  const inError = isMembers(error) ? refusedElicitations(error, inside('error'), look) : null
  if (inError !== null || levels === 0) return inError
  for (const key of ['result', 'task']) {
    const carried = value[key]
    if (!isMembers(carried)) continue
    const imitated = imitatedMember(carried, MEMBERS.result)
    if (imitated !== null) return imitation(imitated)
    const within = refusedAt(carried, inside(key), levels - 1, look)
    if (within !== null) return within
  }
  return null
}

function refusedRequests(requests: unknown, at: () => number, look: Look): Decision | null {
  if (requests === undefined) return null
  if (!isMembers(requests)) return malformed('`inputRequests` is no object')
  for (const { key, value } of members(look.text, startOf(look.text, 'inputRequests', at()))) {
    const refused = refusedRequest(requests[key], value, look)
    if (refused !== null) return refused
  }
  return null
}

function refusedRequest(request: unknown, span: Span, look: Look): Decision | null {
  if (!isMembers(request) || typeof request['method'] !== 'string')
    return malformed('an input request has no method')
  const { method, params = {} } = request
  if (!isMembers(params)) return malformed('`params` of an input request is no object')
  const imitated = imitatedMember(request, MEMBERS.envelope) ?? imitatedMember(params, MEMBERS.params)
  if (imitated !== null) return imitation(imitated)
  const call = readServerRequest(method, params, paramsAt(look.text, span.start))
  if (call === null) return malformed('the server asks for something that the protocol has not')
  return decided(call, params, look)
}

function refusedElicitations(error: Members, at: () => number, look: Look): Decision | null {
  const imitated = imitatedMember(error, MEMBERS.error)
  if (imitated !== null) return imitation(imitated)
  // The shape of a task's error is checked by nobody, and to some parsers the text `"-32042"` is the number.
  if (Number(error['code']) !== URL_ELICITATION_REQUIRED) return null
  const { data } = error
  const elicitations = isMembers(data) ? data['elicitations'] : undefined
  if (!isMembers(data) || !Array.isArray(elicitations))
    return malformed('error −32042 carries no elicitations')
  const hidden = imitatedMember(data, MEMBERS.errorData)
  if (hidden !== null) return imitation(hidden)
  const { text } = look
  const spans = elements(text, startOf(text, 'elicitations', startOf(text, 'data', at())))
  for (const [index, span] of spans.entries()) {
    const refused = refusedVisit(elicitations[index], text.slice(span.start, span.end), look)
    if (refused !== null) return refused
  }
  return null
}

// Each sends the person to an address. One that some client could show as a form is none.
function refusedVisit(params: unknown, request: string, look: Look): Decision | null {
  if (!isMembers(params)) return malformed('an elicitation of error −32042 is no object')
  const imitated = imitatedMember(params, MEMBERS.params)
  if (imitated !== null) return imitation(imitated)
  const { mode = 'url', url, requestedSchema } = params
  if (mode !== 'url' || typeof url !== 'string' || requestedSchema !== undefined)
    return malformed('an elicitation of error −32042 is none of an address')
  return decided({ kind: 'serverRequest', name: 'elicitation.url', request }, params, look)
}

function decided(call: Call, params: Members, { shim, allowed }: Look): Decision | null {
  const decision = judgeCall(call, shim)
  if (decision.effect !== 'allow') return decision
  allowed.push(params)
  return null
}

function startOf(text: string, key: string, at: number): number {
  return valueAt(text, [key], at)?.start ?? 0
}

function paramsAt(text: string, request: number): string {
  const span = valueAt(text, ['params'], request)
  return span === undefined ? '{}' : text.slice(span.start, span.end)
}

function imitation(member: string): Decision {
  return malformed(`a key of what the server asks differs from \`${member}\` in case only`)
}

function malformed(why: string): Decision {
  return { effect: 'deny', rules: [], why, reasons: [] }
}
