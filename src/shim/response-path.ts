import type { Exchange } from './exchanges.ts'
import { tookUs } from './new-exchange.ts'
import { rewrite } from './forward-request.ts'
import type { Line } from './framing.ts'
import { serveListen } from './listen.ts'
import type { ResponseMessage } from './message.ts'
import { refuseLine, refuseOversize, refuseSilently } from './refuse.ts'
import { lostAnswer } from './replies.ts'
import { treatAnswer } from './results.ts'
import { onServerNotification } from './server-notifications.ts'
import { asNeeded, parseServerLine } from './server-line.ts'
import { onServerRequest } from './server-requests.ts'
import { sha256 } from '../digest.ts'
import { settleApproval } from './settle-approval.ts'
import type { Shim } from './shim.ts'
import { takeUp } from './take-up.ts'

/** The way back of a server's line: parse, match, filter, record, pass on (docs/design.md, "The way of a tool call"). */
export function onServerLine(line: Line, shim: Shim): void {
  takeUp(shim)
  if (line.kind === 'oversize') return refuseOversize('server', line, shim)
  const parsed = parseServerLine(line.bytes)
  if (!parsed.ok) return refuseLine('server', line.bytes, parsed, shim)
  const { message } = parsed
  if (message.kind === 'request') return onServerRequest(message, shim)
  if (message.kind === 'notification') return onServerNotification(message, shim)
  onServerAnswer(message, shim)
}

function onServerAnswer(message: ResponseMessage, shim: Shim): void {
  const exchange = shim.fromClient.answer(message.id)
  if (exchange === undefined && shim.fromClient.endAbandoned(message.id))
    return refuseSilently('server', message.bytes, 'it answers a request of the session before', shim)
  if (exchange === undefined)
    return refuseSilently('server', message.bytes, 'it answers no request that is open', shim)
  try {
    treatAndPass(exchange, asNeeded(message, exchange), shim)
  } catch (failure) {
    shim.fromClient.begin(exchange) // so that whoever waits hears of the failure
    throw failure
  }
}

function treatAndPass(exchange: Exchange, message: ResponseMessage, shim: Shim): void {
  if (exchange.receive !== null) return receiveOwn(exchange, exchange.receive, message, shim)
  if (serveListen(exchange, message, shim)) return
  const treated = treatAnswer(exchange, message, shim)
  if (treated.ok) return passAnswer(exchange, message, rewrite(message, treated.edits, treated.hidden), shim)
  const bytes = Buffer.from(lostAnswer(exchange.id, `the server's answer was refused: ${treated.why}`))
  const received = { bytes: message.bytes.length, sha256: sha256(message.bytes) }
  shim.say(`replaced an answer of \`${shim.server.label}\` by an error: ${treated.why}`)
  passAnswer(exchange, message, { bytes, changed: { why: treated.why, received } }, shim)
}

/** Records an answer, then passes it on. One that cannot be recorded is withheld, and the client is told. */
function passAnswer(
  exchange: Exchange,
  message: ResponseMessage,
  forwarded: ReturnType<typeof rewrite>,
  shim: Shim,
): void {
  const { bytes, changed } = forwarded
  settleApproval(exchange, 'answered', shim)
  const isError = message.error !== null || message.result?.['isError'] === true || changed?.why !== undefined
  const body = {
    kind: 'response',
    from: 'server',
    exchange: exchange.number,
    tookUs: tookUs(exchange, shim),
    isError,
    ...(changed === undefined ? {} : { changed }),
  } as const
  const lost =
    'the call was sent and may have happened, but its outcome cannot be recorded, so it is withheld'
  shim.outbox.stage(
    body,
    { bytes, payload: 'results' },
    {
      kind: 'answer',
      deliver: () => shim.client.send(bytes),
      withhold: () => shim.client.send(lostAnswer(exchange.id, `${lost}. Its outcome is unknown`)),
    },
  )
}

function receiveOwn(
  exchange: Exchange,
  receive: (answer: ResponseMessage | null) => void,
  message: ResponseMessage,
  shim: Shim,
): void {
  const isError = message.error !== null
  const body = {
    kind: 'response',
    from: 'server',
    exchange: exchange.number,
    tookUs: tookUs(exchange, shim),
    isError,
  } as const
  shim.outbox.note(body, { bytes: message.bytes, payload: 'results' })
  receive(message)
}
