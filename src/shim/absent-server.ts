import { newExchange, tookUs } from './new-exchange.ts'
import type { Line } from './framing.ts'
import { LISTS } from './lists.ts'
import { isMembers, parseMessage, type RequestMessage } from './message.ts'
import { refuseLine, refuseOversize, refuseSilently } from './refuse.ts'
import { DENIED, refusedMessage } from './replies.ts'
import { count, payloadOf, requestRecord } from './request-record.ts'
import type { Shim } from './shim.ts'

const LISTED = ['tools', 'resources', 'prompts'] as const

/** Answers a line in place of a server that is not there, and records both. */
export function answerAbsent(line: Line, shim: Shim): void {
  if (line.kind === 'oversize') return refuseOversize('client', line, shim)
  const parsed = parseMessage(line.bytes, { fold: true, caseSensitiveArguments: false })
  if (!parsed.ok) return refuseLine('client', line.bytes, parsed, shim)
  const { message } = parsed
  const { why, ended } = shim.progress.absent ?? { why: 'there is no server', ended: false }
  if (message.kind !== 'request') return refuseSilently('client', message.bytes, why, shim)
  const exchange = newExchange(message, null, null, shim)
  shim.progress.begun = true
  const decision = { effect: 'deny', rules: [], why, reasons: [] } as const
  const request = requestRecord(message, exchange, decision, shim.standing.policy.audit.payloads)
  count(decision, shim)
  shim.outbox.note(request, { bytes: message.bytes, payload: payloadOf(request) })
  const bytes = Buffer.from(standInAnswer(message, shim.server.label, why, ended))
  const took = tookUs(exchange, shim)
  const body = { kind: 'response', from: 'hoopctl', exchange: exchange.number, tookUs: took } as const
  const deliver = () => shim.client.send(bytes)
  // It tells of nothing that happened, so it is sent even where it cannot be recorded.
  shim.outbox.stage(body, { bytes, payload: 'results' }, { kind: 'answer', deliver, withhold: deliver })
}

/** What becomes of a client once somebody has mended what is wrong: a sentence for those of either protocol era. */
export interface Outlook {
  readonly handshake: string
  /** One that makes no handshake, and so cannot be told of a change that it has not asked to hear of. */
  readonly noHandshake: string
}

/** Answers for a session that has not even a log; null where nothing is to be said. */
export function answerUnrecorded(
  line: Line,
  label: string,
  why: string,
  outlook: Outlook | null = null,
): string | null {
  if (line.kind === 'oversize') {
    const { id, response } = line.envelope
    return response ? null : refusedMessage(id, { why, code: DENIED, help: null })
  }
  const parsed = parseMessage(line.bytes, { fold: true, caseSensitiveArguments: false })
  if (!parsed.ok) return parsed.response ? null : refusedMessage(parsed.id, parsed.refusal)
  const { message } = parsed
  if (message.kind !== 'request') return null
  const then = outlook?.[isModern(message) ? 'noHandshake' : 'handshake']
  return standInAnswer(message, label, then === undefined ? why : `${why}. ${then}`, false)
}

// So that the client hears the reason and not silence: the handshake with instructions that say it, empty lists, a
// denial for everything else. Where hoopctl is about to end, too, even the handshake fails.
function standInAnswer(message: RequestMessage, label: string, why: string, ended: boolean): string {
  const result = ended && message.method !== 'tools/call' ? null : resultFor(message, label, why)
  const head = { jsonrpc: '2.0', id: message.id }
  if (result !== null) return JSON.stringify({ ...head, result })
  return JSON.stringify({ ...head, error: { code: DENIED, message: `hoopctl: ${why}` } })
}

/** Tells which protocol version a client is answered with in a server's place: the one that it asked for. */
export function toldVersion(params: RequestMessage['params']): unknown {
  return params['protocolVersion'] ?? '2025-11-25'
}

function resultFor(message: RequestMessage, label: string, why: string): object | null {
  const { method, params } = message
  const list = LISTS.get(method)
  const modern = isModern(message) ? { resultType: 'complete' } : {}
  if (list !== undefined) return { ...modern, [list.member]: [] }
  if (method === 'ping') return modern
  if (method === 'tools/call') {
    return { ...modern, content: [{ type: 'text', text: `hoopctl: ${why}` }], isError: true }
  }
  if (method !== 'initialize') return null
  return {
    protocolVersion: toldVersion(params),
    // Read once by clients: what is not in here now will not be asked for once there is a server.
    capabilities: Object.fromEntries(LISTED.map((name) => [name, { listChanged: true }])),
    serverInfo: { name: label, version: '0' },
    instructions: `Nothing works here yet: ${why}`,
  }
}

function isModern({ params }: RequestMessage): boolean {
  return (
    isMembers(params['_meta']) && params['_meta']['io.modelcontextprotocol/protocolVersion'] !== undefined
  )
}
