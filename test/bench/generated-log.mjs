// Logs as `wrap` writes them, by the code that writes them: numbered, chained, signed with a device key of their own.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { openSessionLog } from '../../src/audit/session-log.ts'
import { KILOBYTE, MEGABYTE, resultOf } from './payload.mjs'

/** What logs are made of: the bytes of their messages, of call and answer in turn. */
export const KINDS = {
  /** What most calls are: some rows, a file's text. */
  ordinary: [KILOBYTE, 4 * KILOBYTE, 2 * KILOBYTE, 3 * KILOBYTE],
  /** Nothing but the frame of a call, a few hundred bytes a record. */
  small: [130, 130],
  /** Whole files and tables. */
  large: [KILOBYTE, 32 * MEGABYTE],
}

const AUDIT = {
  durability: 'process',
  payloads: { maxBytes: 64 * MEGABYTE, requests: 'whole', results: 'whole' },
  retainMs: null,
}
// As often as `wrap` signs at least.
const CALLS_A_CHECKPOINT = 128

/**
 * Writes the log of a session that ended, of at least so many bytes, as the first one of the home directory `home`.
 * Returns its path, its bytes and how many records it has.
 */
export function generateLog({ home, bytes, sizes }) {
  const state = join(home, 'state')
  mkdirSync(home, { mode: 0o700 })
  const server = { name: 'reports', command: ['/opt/reports'], sha256: null }
  const header = { hoopctl: '0.0.0', host: 'bench', osUser: 'bench', server }
  let at = Date.parse('2026-11-21T09:14:07Z')
  const clock = { now: () => new Date(at), micros: () => `${new Date(at++).toISOString().slice(0, -1)}000Z` }
  const device = loadDeviceKey(state)
  const log = openSessionLog({ directory: join(state, 'sessions'), device, header, audit: AUDIT, clock })
  const subject = { issuer: 'local', sub: 'bench', email: null, groups: [], kind: 'human' }
  log.append({ kind: 'context', cause: 'start', subject, client: null, grants: [] })
  const messages = sizes.map((size, index) => (index % 2 === 0 ? callOf(size) : answerOf(size)))
  let exchange = 0
  let waiting = 0
  while (statSync(log.path).size < bytes) {
    const until = exchange + CALLS_A_CHECKPOINT
    do {
      exchange += 1
      const [call, answer] = [0, 1].map((side) => messages[(2 * exchange + side) % messages.length])
      append(log, exchange, call, answer)
      waiting += call.length + answer.length
    } while (exchange < until && waiting < MEGABYTE)
    log.commit()
    waiting = 0
  }
  log.close({
    end: 'client-closed',
    exitCode: 0,
    exchanges: exchange,
    allowed: exchange,
    asked: 0,
    denied: 0,
  })
  return { path: log.path, bytes: statSync(log.path).size, records: 2 * exchange }
}

function append(log, exchange, call, answer) {
  const decision = { effect: 'allow', rules: ['rules[0]'], why: 'all allow' }
  const request = { kind: 'request', from: 'client', exchange, method: 'tools/call', tool: 'query', decision }
  log.append(request, { bytes: call, payload: 'requests' })
  const response = { kind: 'response', from: 'server', exchange, tookUs: 5000, isError: false }
  log.append(response, { bytes: answer, payload: 'results' })
}

function callOf(bytes) {
  const message = (text) => {
    const params = { name: 'query', arguments: { path: '/srv/reports/2026/q1.csv', text } }
    return JSON.stringify({ jsonrpc: '2.0', id: 1_000_000, method: 'tools/call', params })
  }
  return Buffer.from(message('a'.repeat(Math.max(0, bytes - message('').length))))
}

function answerOf(bytes) {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1_000_000, result: resultOf(bytes - 40) }))
}
