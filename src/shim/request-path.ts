import type { Decision } from '../decision.ts'
import { shorten } from '../visible.ts'
import { onClientAnswer } from './client-answers.ts'
import { noteClient } from './client-info.ts'
import { onClientNotification } from './client-notifications.ts'
import { askPerson } from './ask-person.ts'
import { deny, notRecorded, whatOf } from './deny.ts'
import type { Exchange } from './exchanges.ts'
import { beginExchange } from './new-exchange.ts'
import { forwardRequest } from './forward-request.ts'
import type { Line } from './framing.ts'
import { grantsBehind } from './grants-behind.ts'
import { judge, withoutAsking } from './judge.ts'
import { listToolsFirst, needsDefinition } from './list-tools-first.ts'
import { decideListen } from './listen.ts'
import { type Id, parseMessage, type RequestMessage } from './message.ts'
import { CLIENT_REQUESTS, type MethodRow } from './methods.ts'
import { type Matter, readClientRequest } from './read-request.ts'
import { refuseFailed, refuseLine, refuseOversize, refuseRequest } from './refuse.ts'
import type { Shim } from './shim.ts'
import { takeUp } from './take-up.ts'

/** The way of a client's line: parse, match, decide, record, forward (docs/design.md, "The way of a tool call"). */
export function onClientLine(line: Line, shim: Shim): void {
  takeUp(shim)
  if (line.kind === 'oversize') return refuseOversize('client', line, shim)
  const { caseSensitiveArguments } = shim.server
  const parsed = parseMessage(line.bytes, { fold: true, caseSensitiveArguments })
  if (!parsed.ok) return refuseLine('client', line.bytes, parsed, shim)
  const { message } = parsed
  if (message.kind === 'response') return onClientAnswer(message, shim)
  if (message.kind === 'notification') return onClientNotification(message, shim)
  onClientRequest(message, shim)
}

function onClientRequest(message: RequestMessage, shim: Shim): void {
  if (isTaken(message.id, shim)) {
    // An answer under that id would be taken for the first request's, so this one is answered without an id.
    return refuseRequest(
      'client',
      message,
      { why: 'its id is in flight', code: -32600, help: null },
      null,
      shim,
    )
  }
  if (noteClient(message, shim)) takeUp(shim) // a grant may be for some clients only
  const row = CLIENT_REQUESTS.get(message.method)
  if (row === undefined) {
    const why = `hoopctl does not know the method \`${shorten(message.method)}\``
    return deny(
      message,
      beginExchange(message, null, null, shim),
      { effect: 'deny', rules: [], why, reasons: [] },
      shim,
    )
  }
  const read = readClientRequest(message)
  if (!read.ok) return refuseRequest('client', message, read.refusal, message.id, shim)
  const matter = read.value
  const exchange = begin(message, matter, shim)
  if (!needsDefinition(matter, shim)) return conclude(message, exchange, matter, row, shim)
  // This call steps aside until the server has shown what the tool is; later messages pass it.
  listToolsFirst(message, shim, () => {
    if (isOpen(exchange, shim)) concludeHeld(message, exchange, matter, row, shim)
  })
}

function isTaken(id: Id, { fromClient, served, clock }: Shim): boolean {
  return fromClient.has(id, clock.ms()) || served.has(id)
}

function isOpen(exchange: Exchange, { fromClient }: Shim): boolean {
  return fromClient.get(exchange.id) === exchange
}

// Runs on a line of the server, and other calls wait behind it: a failure must end this call, not that line.
function concludeHeld(
  message: RequestMessage,
  exchange: Exchange,
  matter: Matter,
  row: MethodRow,
  shim: Shim,
): void {
  try {
    conclude(message, exchange, matter, row, shim)
  } catch (failure) {
    refuseFailed('client', { kind: 'line', bytes: message.bytes }, failure, shim)
  }
}

/** Decides a request; then it is recorded and sent, or recorded and denied. */
function conclude(
  message: RequestMessage,
  exchange: Exchange,
  matter: Matter,
  row: MethodRow,
  shim: Shim,
): void {
  const decision = decideNow(matter, row, exchange, shim)
  if (!isOpen(exchange, shim)) return // somebody else signed in meanwhile: it was answered, and is not theirs
  if (decision.effect === 'deny') return deny(message, exchange, decision, shim)
  if (!shim.log.roomFor(shim.fromClient.size + shim.fromServer.size))
    return notRecorded(message, exchange, shim)
  if (decision.effect === 'ask') {
    if (matter.kind !== 'call') return deny(message, exchange, withoutAsking(decision), shim)
    return askPerson({ message, exchange, matter, row }, decision, shim)
  }
  const listen = matter.kind === 'listen' ? decideListen(message, matter.filter, shim) : null
  forwardRequest(message, exchange, decision, listen, shim)
}

function decideNow(matter: Matter, row: MethodRow, exchange: Exchange, shim: Shim): Decision {
  if (row.treatment !== 'call') return judge(matter, row, exchange.client, shim)
  const { policy } = shim.standing
  const limited =
    shim.limits.count(policy.limits, shim.clock.ms(), () => shim.fromClient.calls()) ??
    shim.evidence?.check(policy)
  const judged = limited ?? judgeAndUse(matter, row, exchange, shim)
  // A person is asked about calls that do something, not about what a client would complete.
  const decision = exchange.method === 'completion/complete' ? withoutAsking(judged) : judged
  if (!isOpen(exchange, shim)) return decision
  shim.progress.calls += 1
  if (shim.desk !== null && matter.kind === 'call')
    shim.held.note(shim.clock.now(), whatOf(matter.call), decision.effect)
  return decision
}

// A grant whose uses another shim took meanwhile is not in force any more, so the call is decided again without it. Each
// round ends one grant; more rounds than grants would be a fault, and nothing is sent for it.
function judgeAndUse(matter: Matter, row: MethodRow, exchange: Exchange, shim: Shim): Decision {
  const why = 'the grant behind it has no use left'
  for (let round = 0; round <= shim.standing.policy.grants.length; round += 1) {
    const decision = judge(matter, row, exchange.client, shim)
    if (decision.effect !== 'allow' || shim.authority.use(grantsBehind(decision.rules))) return decision
    const before = shim.standing
    takeUp(shim)
    if (shim.standing === before || !isOpen(exchange, shim))
      return { effect: 'deny', rules: decision.rules, why, reasons: [] }
  }
  return { effect: 'deny', rules: [], why, reasons: [] }
}

function begin(message: RequestMessage, matter: Matter, shim: Shim): Exchange {
  const call = matter.kind === 'call' ? matter.call : null
  return beginExchange(message, call, matter.kind === 'task' ? matter.task : null, shim)
}
