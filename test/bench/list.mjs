// What `hoopctl sessions list` takes over 100, 1,000 and 10,000 sessions: the first time, when all logs are read, and
// again, when the index has them. Each run is a process of its own, from start to end, as a person sees it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { openSessionLog } from '../../src/audit/session-log.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/hoopctl.js')
export const SESSIONS = [100, 1000, 10_000]
const CALLS = 8
const AUDIT = {
  durability: 'process',
  payloads: { maxBytes: 65_536, requests: 'whole', results: 'whole' },
  retainMs: null,
}

/** Measures `list` over so many generated sessions each, the median of `runs` where it is warm. */
export function measureLists({ directory, runs, sizes = SESSIONS }) {
  return sizes.map((sessions) => measureList({ home: join(directory, `list-${sessions}`), sessions, runs }))
}

/** Prints what was measured, for people. */
export function listsTable(measured) {
  const row = (label, of) => `${label.padEnd(46)}${measured.map((each) => of(each).padStart(16)).join('')}`
  const ms = (value) => `${value.toFixed(0)} ms`
  return [
    '',
    row('`sessions list` over', ({ sessions }) => `${sessions} sessions`),
    row(`their logs, of ${CALLS} calls each`, ({ mib }) => `${mib.toFixed(1)} MiB`),
    row('the first time: every log is read', ({ coldMs }) => ms(coldMs)),
    row('again', ({ warmMs }) => ms(warmMs)),
    row('again, after one session more', ({ oneMoreMs }) => ms(oneMoreMs)),
    row('again, with --person, --effect and --since', ({ filteredMs }) => ms(filteredMs)),
    '(goal: below 300 ms over 10000 sessions, again)',
    '',
  ].join('\n')
}

function measureList({ home, sessions, runs }) {
  const state = join(home, 'state')
  mkdirSync(home, { mode: 0o700 })
  const device = loadDeviceKey(state)
  for (let number = 1; number <= sessions; number += 1) record(state, device, number)
  const list = (...filters) => timed(home, ['sessions', 'list', '--json', ...filters])
  const coldMs = list()
  const again = (...filters) => median(Array.from({ length: runs }, () => list(...filters)))
  const warmMs = again()
  const filteredMs = again('--person', 'person-7@acme.example', '--effect', 'deny', '--since', '30d')
  const more = Array.from({ length: runs }, (_, index) => {
    record(state, device, sessions + index + 1)
    return list()
  })
  const logs = join(state, 'sessions')
  const bytes = readdirSync(logs).reduce((sum, name) => sum + statSync(join(logs, name)).size, 0)
  return { sessions, mib: bytes / 1024 ** 2, coldMs, warmMs, oneMoreMs: median(more), filteredMs }
}

function timed(home, args) {
  const env = { ...process.env, HOOPCTL_HOME: home }
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], {
    env,
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  const took = performance.now() - started
  if (status !== 0) throw new Error(`sessions list: ${stderr}`)
  return took
}

function record(state, device, number) {
  const server = { name: `server-${number % 20}`, command: ['/opt/server'], sha256: null }
  const header = { hoopctl: '0.0.0', host: 'bench', osUser: 'bench', server }
  let at = Date.now() - number * 60_000
  const clock = { now: () => new Date(at), micros: () => `${new Date(at++).toISOString().slice(0, -1)}000Z` }
  const log = openSessionLog({ directory: join(state, 'sessions'), device, header, audit: AUDIT, clock })
  const email = `person-${number % 50}@acme.example`
  const subject = {
    issuer: 'https://login.example',
    sub: `00u${number % 50}`,
    email,
    groups: [],
    kind: 'human',
  }
  log.append({ kind: 'context', cause: 'start', subject, client: null, grants: [] })
  for (let exchange = 1; exchange <= CALLS; exchange += 1) call(log, exchange, number)
  log.close({ end: 'client-closed', exitCode: 0, exchanges: CALLS, allowed: CALLS, asked: 0, denied: 0 })
}

function call(log, exchange, number) {
  const method = 'tools/call'
  const tool = `tool_${exchange % 5}`
  const effect = (number + exchange) % 10 === 0 ? 'deny' : 'allow'
  const decision = { effect, rules: ['rules[0]'], why: 'one rule' }
  const params = { name: tool, arguments: { query: 'SELECT id, total FROM shop.orders LIMIT 5' } }
  const asked = JSON.stringify({ jsonrpc: '2.0', id: exchange, method, params })
  const text = 'a row of a result. '.repeat(20)
  const result = { content: [{ type: 'text', text }] }
  const answered = JSON.stringify({ jsonrpc: '2.0', id: exchange, result })
  const body = { kind: 'request', from: 'client', exchange, method, tool, decision }
  log.append(body, { bytes: Buffer.from(asked), payload: 'requests' })
  const answer = { kind: 'response', from: 'server', exchange, tookUs: 5000 }
  log.append(answer, { bytes: Buffer.from(answered), payload: 'results' })
  log.commit()
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
}
