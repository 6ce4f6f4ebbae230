import type { Call, Decision } from '../decision.ts'
import { shorten } from '../visible.ts'
import type { Exchange } from './exchanges.ts'
import type { RequestMessage } from './message.ts'
import { count, payloadOf, requestRecord } from './request-record.ts'
import { cite, type Denial, deniedCall, deniedRequest } from './replies.ts'
import { circumstances, type Shim } from './shim.ts'

/** Records a request that is not sent, as it came, and answers it with the reason. */
export function deny(message: RequestMessage, exchange: Exchange, decision: Decision, shim: Shim): void {
  shim.fromClient.end(exchange.id)
  const what = askedFor(message, exchange)
  shim.say(`denied ${what} of \`${shim.server.label}\`: ${decision.why}${cite(decision.rules)}`)
  const answer = () => shim.client.send(denial(message, exchange, decision, shim))
  const body = requestRecord(message, exchange, decision, shim.standing.policy.audit.payloads)
  const recorded = { bytes: message.bytes, payload: payloadOf(body) }
  shim.outbox.stage(body, recorded, {
    kind: 'message',
    deliver: () => {
      count(decision, shim)
      answer()
    },
    withhold: answer,
  })
}

/** Denies a request whose record, or the record of whose answer, would find no room. */
export function notRecorded(message: RequestMessage, exchange: Exchange, shim: Shim): void {
  shim.fromClient.end(exchange.id)
  shim.client.send(denial(message, exchange, unrecorded(shim), shim))
}

/** Why nothing is sent while the log cannot be written. */
export function unrecorded(shim: Shim): Decision {
  const cause = shim.log.failure ?? 'there is no room'
  const why = `this session cannot be recorded, so nothing is sent: ${cause}`
  return { effect: 'deny', rules: [], why, reasons: [] }
}

/** Writes the answer of a denied request: a result for a tool call, so that the model reads it, an error for others. */
export function denial(
  message: RequestMessage,
  exchange: Exchange,
  decision: Decision,
  shim: Shim,
  approval: string | null = null,
): string {
  const { log } = shim
  const what = askedFor(message, exchange)
  const help =
    decision.effect === 'ask'
      ? `A person can answer it with: hoopctl approve ${approval ?? ''}`
      : helpFor(decision, exchange, shim)
  const denied: Denial = { id: exchange.id, what, decision, session: log.session, help, approval }
  return message.method === 'tools/call' ? deniedCall(denied, exchange.modern) : deniedRequest(denied)
}

function askedFor(message: RequestMessage, { call }: Exchange): string {
  return call === null ? `\`${shorten(message.method)}\`` : whatOf(call)
}

/** Names what a call is about, for people and models. */
export function whatOf(call: Call): string {
  if (call.kind === 'resource') return `the resource \`${shorten(call.uri)}\``
  if (call.kind === 'serverRequest') return `the server request \`${call.name}\``
  return `the ${call.kind} \`${shorten(call.name)}\``
}

function helpFor(decision: Decision, { call, client }: Exchange, shim: Shim): string {
  const { authority, log, standing } = shim
  if (standing.blocked !== null) return standing.blocked.help
  if (decision.rules.includes('definitions'))
    return 'A person sees the change, and how to accept it, with: hoopctl pins list'
  if (shim.evidence !== null && decision.rules.some((rule) => rule.startsWith('audit.')))
    return shim.evidence.help
  const grant = call === null ? null : authority.helpFor(call, circumstances(shim, client))
  if (grant !== null) return grant
  const { signed, path } = standing.policy
  const change = signed ? 'Those who sign the policy can change it' : `A person can change ${path}`
  return `${change}, or look at this call with: hoopctl sessions show ${log.session}`
}
