import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/audit/clock.ts'
import { type DeviceKey, loadDeviceKey } from '../../src/audit/device-key.ts'
import { type Confirmations, openSessionLog, type SessionLog } from '../../src/audit/session-log.ts'
import type {
  AuditSettings,
  ConfirmedObject,
  FooterBody,
  HeaderBody,
  RequestBody,
  ResponseBody,
} from '../../src/records.ts'

/** A header as the shim would hand it over. */
export const HEADER: HeaderBody = {
  hoopctl: '0.4.0',
  host: 'alice-mbp',
  osUser: 'alice',
  server: { name: 'orders-db', command: ['/opt/acme/bin/mcp-postgres'], sha256: 'e0'.repeat(32) },
}

/** A footer as the shim would hand it over. */
export const FOOTER: FooterBody = {
  end: 'client-closed',
  exitCode: 0,
  exchanges: 4,
  allowed: 2,
  asked: 1,
  denied: 1,
}

/** What a policy says of recording when it says nothing. */
export const AUDIT: AuditSettings = {
  durability: 'process',
  payloads: { maxBytes: 64 * 1024, requests: 'whole', results: 'whole' },
  retainMs: null,
}

/** A directory that is gone when the test is over. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'hoopctl-audit-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A state directory with a device key, as `wrap` would find it. */
export interface State {
  readonly path: string
  readonly sessions: string
  readonly device: DeviceKey
  readonly known: { isKnown(device: string): boolean }
}

/** A state directory of a device that runs hoopctl for the first time. */
export function newState(parent = temporaryDirectory()): State {
  const path = join(parent, 'state')
  const device = loadDeviceKey(path)
  return { path, sessions: join(path, 'sessions'), device, known: { isKnown: (id) => id === device.id } }
}

/** Opens a log in a state directory; it is closed when the test is over. */
export function openLog(
  state: State,
  options: { audit?: AuditSettings; clock?: Clock; confirmations?: Confirmations } = {},
): SessionLog {
  const { confirmations } = options
  const log = openSessionLog({
    directory: state.sessions,
    device: state.device,
    header: HEADER,
    audit: options.audit ?? AUDIT,
    clock: options.clock ?? systemClock(),
    ...(confirmations === undefined ? {} : { confirmations }),
  })
  onTestFinished(() => log.close(FOOTER))
  return log
}

/** A clock that goes on by one second each time it is asked. */
export function tickingClock(start = '2026-11-21T09:14:07.000Z'): Clock {
  let at = Date.parse(start)
  return {
    now: () => new Date(at),
    micros() {
      const text = new Date(at).toISOString().replace('Z', '000Z')
      at += 1000
      return text
    },
  }
}

/** The text of a message as bytes, with the side whose setting holds for it. */
export function message(value: unknown, payload: 'requests' | 'results' = 'results') {
  return { bytes: Buffer.from(JSON.stringify(value)), payload } as const
}

/** The body of a request that was allowed. */
export function request(exchange: number, more: Partial<RequestBody> = {}): RequestBody {
  const decision = { effect: 'allow', rules: ['rules[0]'], why: 'all allow' } as const
  return { kind: 'request', from: 'client', exchange, method: 'tools/call', tool: 'query', decision, ...more }
}

/** The body of an answer. */
export function response(exchange: number, more: Partial<ResponseBody> = {}): ResponseBody {
  return { kind: 'response', from: 'server', exchange, tookUs: 6085, ...more }
}

/** Writes one exchange. */
export function exchange(log: SessionLog, number: number): void {
  log.append(request(number), message({ jsonrpc: '2.0', id: number, method: 'tools/call' }, 'requests'))
  log.commit()
  log.append(response(number), message({ jsonrpc: '2.0', id: number, result: { content: [] } }))
  log.commit()
}

/** An object at a destination, as a checkpoint tells it. */
export function anObject(line: number, more: Partial<ConfirmedObject> = {}): ConfirmedObject {
  const key = `2026-11-21/orders-db/alice/S/${String(line).padStart(10, '0')}.jsonl`
  const about = { session: 'S', to: 's3://acme-audit/hoopctl/', key, bytes: 100, sha256: 'e0'.repeat(32) }
  return { ...about, etag: '"e0"', version: null, at: '2026-11-21T09:14:20.000Z', ...more }
}

/** Writes a log whose first checkpoint tells of objects, and whose footer follows. */
export function tellingLog(state: State, objects: readonly ConfirmedObject[]): string {
  const left = [...objects]
  const told = (some: readonly ConfirmedObject[]) => void left.splice(0, some.length)
  const log = openLog(state, { confirmations: { untold: () => [...left], told } })
  for (let number = 1; number <= 130; number += 1) exchange(log, number)
  log.close(FOOTER)
  return log.path
}

/** The lines of a file that ends with a newline. */
export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1)
}

/** The kinds of the records in a file. */
export function kindsOf(path: string): string[] {
  return linesOf(path).map((line) => /"kind":"(\w+)"/.exec(line)?.[1] ?? '')
}

/** Writes a small log that ends as it should: 8 records, the last of them the footer. */
export function completeLog(state: State): string {
  const log = openLog(state)
  log.append({ kind: 'context', cause: 'start', client: null })
  exchange(log, 1)
  exchange(log, 2)
  log.append({ kind: 'refused', from: 'client', why: 'no JSON' }, message('not a message', 'requests'))
  log.close(FOOTER)
  return log.path
}
