import type { Decision } from '../decision.ts'
import type { Changed, RequestBody } from '../records.ts'
import { whatOf } from './deny.ts'
import { rememberElicitation } from './embedded-requests.ts'
import type { Exchange } from './exchanges.ts'
import { newExchange } from './new-exchange.ts'
import { rewrite } from './forward-request.ts'
import { judgeCall } from './judge.ts'
import type { RequestMessage } from './message.ts'
import { type MethodRow, SERVER_REQUESTS } from './methods.ts'
import { ownMetaEdits } from './own-meta.ts'
import { paramsText, readServerRequest } from './read-request.ts'
import { refuseRequest } from './refuse.ts'
import { deniedRequest } from './replies.ts'
import { count } from './request-record.ts'
import type { Shim } from './shim.ts'

const UNRECORDED = 'this session cannot be recorded, so nothing is asked'

/** Decides what a server asks of the client; refused unless a rule allows it. */
export function onServerRequest(message: RequestMessage, shim: Shim): void {
  if (shim.fromServer.has(message.id, shim.clock.ms())) {
    return refuseRequest(
      'server',
      message,
      { why: 'its id is in flight', code: -32600, help: null },
      null,
      shim,
    )
  }
  const row = SERVER_REQUESTS.get(message.method)
  const call = readServerRequest(message.method, message.params, paramsText(message.text))
  const exchange = newExchange(message, call, null, shim)
  const decision = decideServerRequest(exchange, message, row, shim)
  if (decision.effect !== 'allow') return denyServer(message, exchange, decision, shim)
  if (!shim.log.roomFor(shim.fromClient.size + shim.fromServer.size + 1)) {
    shim.child.send(denial(exchange, denied(UNRECORDED), shim))
    return
  }
  forwardToClient(message, exchange, decision, shim)
}

function decideServerRequest(
  exchange: Exchange,
  message: RequestMessage,
  row: MethodRow | undefined,
  shim: Shim,
): Decision {
  if (row === undefined) return denied(`hoopctl does not know the server request \`${message.method}\``)
  if (row.treatment === 'pass') return { effect: 'allow', rules: [], why: row.why, reasons: [] }
  if (row.treatment === 'task') {
    const task = message.params['taskId']
    const known = typeof task === 'string' && shim.clientTasks.has(task)
    return known
      ? { effect: 'allow', rules: [], why: row.why, reasons: [] }
      : denied('no allowed request made that task')
  }
  return exchange.call === null ? denied('its mode is unknown') : judgeCall(exchange.call, shim)
}

function forwardToClient(message: RequestMessage, exchange: Exchange, decision: Decision, shim: Shim): void {
  const { bytes, changed } = rewrite(message, ownMetaEdits(message), [])
  exchange.sent = true
  shim.fromServer.begin(exchange)
  rememberElicitation(message.params, shim)
  shim.outbox.stage(
    serverRecord(exchange, decision, changed),
    { bytes, payload: 'results' },
    {
      kind: 'message',
      deliver: () => {
        count(decision, shim)
        shim.client.send(bytes)
      },
      withhold: () => {
        shim.fromServer.end(exchange.id)
        shim.child.send(denial(exchange, denied(UNRECORDED), shim))
      },
    },
  )
}

function denyServer(message: RequestMessage, exchange: Exchange, decision: Decision, shim: Shim): void {
  shim.say(`denied ${whatName(exchange)} of \`${shim.server.label}\`: ${decision.why}`)
  const answer = () => shim.child.send(denial(exchange, decision, shim))
  const recorded = { bytes: message.bytes, payload: 'results' } as const
  shim.outbox.stage(serverRecord(exchange, decision), recorded, {
    kind: 'message',
    deliver: () => {
      count(decision, shim)
      answer()
    },
    withhold: answer,
  })
}

function serverRecord({ number, method }: Exchange, decision: Decision, changed?: Changed): RequestBody {
  const { effect, rules, why } = decision
  const rewritten = changed === undefined ? {} : { changed }
  return {
    kind: 'request',
    from: 'server',
    exchange: number,
    method,
    decision: { effect, rules, why },
    ...rewritten,
  }
}

function denial(exchange: Exchange, decision: Decision, shim: Shim): string {
  const help = `A person can allow it with a serverRequest rule in ${shim.standing.policy.path}`
  return deniedRequest({
    id: exchange.id,
    what: whatName(exchange),
    decision,
    session: shim.log.session,
    help,
    approval: null,
  })
}

function whatName({ call, method }: Exchange): string {
  return call === null ? `the server request \`${method}\`` : whatOf(call)
}

function denied(why: string): Decision {
  return { effect: 'deny', rules: [], why, reasons: [] }
}
