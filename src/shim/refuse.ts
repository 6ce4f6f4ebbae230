import { sha256 } from '../digest.ts'
import type { Refusal } from '../refusal.ts'
import type { Side } from '../records.ts'
import { tookUs } from './new-exchange.ts'
import type { Line } from './framing.ts'
import { type Id, type Parsed, parseMessage, type RequestMessage } from './message.ts'
import { lostAnswer, refusedMessage } from './replies.ts'
import type { Shim } from './shim.ts'

const NOT_JSON = 'it is not JSON'
const STRAY =
  'a server may print only messages on its stdout: run its command by hand to see what else it prints'

type From = Extract<Side, 'client' | 'server'>
type Oversize = Extract<Line, { readonly kind: 'oversize' }>

/** Refuses a line that is no message: recorded, and answered where an answer would find its sender. */
export function refuseLine(
  from: From,
  bytes: Uint8Array,
  { refusal, id, response }: Extract<Parsed, { readonly ok: false }>,
  shim: Shim,
): void {
  const answer = response ? () => undefined : answerTo(from, id, refusal, shim)
  if (from === 'server') sayRefused(refusal.why, bytes.length, sha256(bytes), shim)
  const body = { kind: 'refused', from, why: refusal.why } as const
  shim.outbox.stage(
    body,
    { bytes, payload: payloadOfRefused(from, bytes, response) },
    { kind: 'message', deliver: answer, withhold: answer },
  )
  if (response) tellLost(from, id, refusal.why, shim)
}

/** Refuses a line above the limit, of which only a digest was kept. */
export function refuseOversize(from: From, line: Oversize, shim: Shim): void {
  const why = tooLong(line.bytes, shim)
  const { id, response } = line.envelope
  const answer = response ? () => undefined : answerTo(from, id, { why, code: -32600, help: null }, shim)
  if (from === 'server') sayRefused(why, line.bytes, line.sha256, shim)
  const { sha256, head } = line
  const payload = payloadOfRefused(from, head, response)
  const recorded = { length: line.bytes, sha256, head, payload }
  shim.outbox.stage({ kind: 'refused', from, why }, recorded, {
    kind: 'message',
    deliver: answer,
    withhold: answer,
  })
  if (response) tellLost(from, id, why, shim)
}

/** Says that a message of so many bytes is above the limit. */
export function tooLong(bytes: number, { standing }: Shim): string {
  return `it has ${bytes} bytes, above the limit of ${standing.policy.limits.messageBytes} (limits.messageSize)`
}

/** Refuses a request of either side whose form is sound but not its place or its params. */
export function refuseRequest(
  from: From,
  message: RequestMessage,
  refusal: Refusal,
  id: Id | null,
  shim: Shim,
): void {
  const peer = from === 'client' ? shim.client : shim.child
  const answer = () => peer.send(refusedMessage(id, refusal))
  const body = { kind: 'refused', from, why: refusal.why } as const
  if (from === 'server') sayRefused(refusal.why, message.bytes.length, sha256(message.bytes), shim)
  shim.outbox.stage(
    body,
    { bytes: message.bytes, payload: payloadOfRefused(from, message.bytes, false) },
    { kind: 'message', deliver: answer, withhold: answer },
  )
}

/** Refuses a message that nobody waits for an answer to: a response to nothing, a notification that belongs to nothing. */
export function refuseSilently(from: From, bytes: Uint8Array, why: string, shim: Shim): void {
  if (from === 'server') sayRefused(why, bytes.length, sha256(bytes), shim)
  shim.outbox.note({ kind: 'refused', from, why }, { bytes, payload: payloadOfRefused(from, bytes, true) })
}

// What a person typed into a server's question may stand in any answer of the client, and in `inputResponses`.
function payloadOfRefused(from: From, head: Uint8Array, response: boolean): 'requests' | 'none' {
  return from === 'client' && (response || Buffer.from(head).includes('inputResponses')) ? 'none' : 'requests'
}

/** Refuses a line on which the data path itself failed: a bug, told without the line's content. */
export function refuseFailed(from: From, line: Line, failure: unknown, shim: Shim): void {
  sayBug(failure, shim.say)
  const why = 'hoopctl failed on it, which is a bug'
  if (line.kind === 'oversize') return refuseOversize(from, line, shim)
  const { id, response } = addressOf(line.bytes)
  const held = from === 'client' && !response && id !== null ? shim.fromClient.get(id) : undefined
  if (held?.sent === false) shim.fromClient.end(held.id) // so that the refusal can be its answer
  refuseLine(from, line.bytes, { ok: false, refusal: { why, code: -32603, help: null }, id, response }, shim)
}

/** Tells a bug to the person at stderr, without what was being treated. */
export function sayBug(failure: unknown, say: Shim['say']): void {
  const stack = failure instanceof Error ? (failure.stack ?? failure.name) : 'no error object'
  const frames = stack.split('\n').filter((frame) => frame.startsWith('    at '))
  say(
    `a bug: please report this to the maintainers: ${frames
      .slice(0, 6)
      .map((frame) => frame.trim())
      .join(' | ')}`,
  )
}

// What failed may have been the reading itself, and it may fail again.
function addressOf(bytes: Uint8Array): { readonly id: Id | null; readonly response: boolean } {
  try {
    const json = parseMessage(bytes, { fold: false, caseSensitiveArguments: false })
    if (!json.ok) return { id: json.id, response: json.response }
    const { message } = json
    return { id: message.kind === 'notification' ? null : message.id, response: message.kind === 'response' }
  } catch {
    return { id: null, response: false }
  }
}

// A response is never answered itself, but whoever waits for it is told that it cannot be passed on.
function tellLost(from: From, id: Id | null, why: string, shim: Shim): void {
  const theirs = from === 'client' ? shim.fromServer : shim.fromClient
  const waiting = id === null ? undefined : theirs.answer(id)
  if (waiting === undefined) return
  if (waiting.receive !== null) return waiting.receive(null) // hoopctl's own: the client knows nothing of it
  const bytes = Buffer.from(lostAnswer(waiting.id, `the answer was refused: ${why}`))
  const { number: exchange } = waiting
  const body = {
    kind: 'response',
    from: 'hoopctl',
    exchange,
    tookUs: tookUs(waiting, shim),
    isError: true,
  } as const
  const peer = from === 'client' ? shim.child : shim.client
  const deliver = () => peer.send(bytes)
  shim.outbox.stage(body, { bytes, payload: 'results' }, { kind: 'answer', deliver, withhold: deliver })
}

// A client's request is answered under its id, unless that id waits already.
function answerTo(from: From, id: Id | null, refusal: Refusal, shim: Shim): () => void {
  const ours = from === 'client' ? shim.fromClient : shim.fromServer
  const addressee = id !== null && !ours.has(id, shim.clock.ms()) ? id : null
  const peer = from === 'client' ? shim.client : shim.child
  // A server gets no answer to a line that named no request: it may be a stray print.
  if (from === 'server' && addressee === null) return () => undefined
  return () => peer.send(refusedMessage(addressee, refusal))
}

function sayRefused(why: string, bytes: number, digest: string, shim: Shim): void {
  // Once: a server that prints a banner or a progress bar prints many such lines.
  const first = why === NOT_JSON && !shim.progress.strayTold
  if (first) shim.progress.strayTold = true
  const hint = first ? `; ${STRAY}` : ''
  shim.say(
    `refused from the server \`${shim.server.label}\`: ${why} (${bytes} bytes, sha256 ${digest})${hint}`,
  )
}
