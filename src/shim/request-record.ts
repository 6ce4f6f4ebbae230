import type { Decision } from '../decision.ts'
import type { AuditSettings, Changed, RequestBody } from '../records.ts'
import { type Exchange } from './exchanges.ts'
import { answerSizes, paramsWithoutAnswers } from './elicited.ts'
import type { RequestMessage } from './message.ts'
import type { Shim } from './shim.ts'

/** Makes the record of a request of the client. */
export function requestRecord(
  message: RequestMessage,
  exchange: Exchange,
  decision: Decision,
  payloads: AuditSettings['payloads'],
  changed?: Changed,
): RequestBody {
  const { effect, rules, why } = decision
  const answers = answerSizes(message.params)
  const params = answers === null ? null : paramsWithoutAnswers(message.text, payloads)
  return {
    kind: 'request',
    from: 'client',
    exchange: exchange.number,
    method: message.method,
    ...subjectOf(exchange),
    decision: { effect, rules, why },
    ...(changed === undefined ? {} : { changed }),
    ...(answers === null ? {} : { answers }),
    ...(params === null ? {} : { params }),
  }
}

/** Which setting of `audit.payloads` a request falls under. What a person typed is theirs: its names and sizes are enough. */
export function payloadOf(body: RequestBody): 'requests' | 'none' {
  return body.answers === undefined ? 'requests' : 'none'
}

/** Counts one decision for the session's footer, once its record is written. */
export function count({ effect }: Decision, { progress }: Shim): void {
  if (effect === 'allow') progress.allowed += 1
  else if (effect === 'ask') progress.asked += 1
  else progress.denied += 1
}

function subjectOf({ call, task }: Exchange): Pick<RequestBody, 'tool' | 'resource' | 'prompt' | 'task'> {
  if (task !== null) return { task }
  if (call?.kind === 'tool') return { tool: call.name }
  if (call?.kind === 'prompt') return { prompt: call.name }
  return call?.kind === 'resource' ? { resource: call.uri } : {}
}
