import type { Decision } from '../decision.ts'
import { elements, members, valueAt } from '../json-spans.ts'
import { judgeCall } from './judge.ts'
import { isMembers, type Members } from './message.ts'
import { readServerRequest } from './read-request.ts'
import type { Shim } from './shim.ts'

/** JSON-RPC error of the protocol: the person must visit an address first. */
const URL_ELICITATION_REQUIRED = -32042

/**
 * Decides what a server asks of the client inside a result, a notification or an error: `inputRequests`, wherever a
 * task carries them, and the elicitations of error −32042. Returns the first that is refused, or null.
 * @param path where `value` stands in `text`
 */
export function refusedInside(
  value: Members,
  text: string,
  path: readonly string[],
  shim: Shim,
): Decision | null {
  const requests = value['inputRequests']
  if (requests === undefined) return null
  if (!isMembers(requests)) return malformed('`inputRequests` is no object')
  const at = valueAt(text, [...path, 'inputRequests'])?.start ?? 0
  for (const { key, value: span } of members(text, at)) {
    const refused = judgeEmbedded(requests[key], () => paramsAt(text, span.start), shim)
    if (refused !== null) return refused
  }
  return null
}

/** Decides the elicitations that an error −32042 carries; null where it carries none that is refused. */
export function refusedInError(error: Members, text: string, shim: Shim): Decision | null {
  if (error['code'] !== URL_ELICITATION_REQUIRED) return null
  const data = error['data']
  const elicitations = isMembers(data) ? data['elicitations'] : undefined
  if (!Array.isArray(elicitations)) return malformed('error −32042 carries no elicitations')
  const at = valueAt(text, ['error', 'data', 'elicitations'])?.start ?? 0
  const spans = elements(text, at)
  for (const [index, params] of (elicitations as unknown[]).entries()) {
    const request = { method: 'elicitation/create', params }
    const span = spans[index]
    const refused = judgeEmbedded(
      request,
      () => (span === undefined ? '{}' : text.slice(span.start, span.end)),
      shim,
    )
    if (refused !== null) return refused
  }
  return null
}

function judgeEmbedded(request: unknown, paramsText: () => string, shim: Shim): Decision | null {
  if (!isMembers(request) || typeof request['method'] !== 'string')
    return malformed('an input request has no method')
  const params = isMembers(request['params']) ? request['params'] : {}
  const call = readServerRequest(request['method'], params, paramsText())
  if (call === null) return malformed('the server asks for something that the protocol has not')
  const decision = judgeCall(call, shim)
  if (decision.effect !== 'allow') return decision
  rememberElicitation(params, shim)
  return null
}

/** Remembers an elicitation that was let through, so that the notice of its completion may pass. */
export function rememberElicitation(params: Members, shim: Shim): void {
  const id = params['elicitationId']
  if (typeof id === 'string' && shim.elicitations.size < 1024) shim.elicitations.add(id)
}

function paramsAt(text: string, request: number): string {
  const span = valueAt(text, ['params'], request)
  return span === undefined ? '{}' : text.slice(span.start, span.end)
}

function malformed(why: string): Decision {
  return { effect: 'deny', rules: [], why, reasons: [] }
}
