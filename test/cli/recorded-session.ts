import { join } from 'node:path'
import type { Clock } from '../../src/audit/clock.ts'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { openSessionLog } from '../../src/audit/session-log.ts'
import type { Effect } from '../../src/decision.ts'
import type { AuditSettings, ContextBody, HeaderBody } from '../../src/records.ts'

const AUDIT: AuditSettings = {
  durability: 'process',
  payloads: { maxBytes: 65_536, requests: 'whole', results: 'whole' },
  retainMs: null,
}

const HEADER: HeaderBody = {
  hoopctl: '0.1.0',
  host: 'alice-mbp',
  osUser: 'alice',
  server: { name: 'orders-db', command: ['/opt/mcp-orders', '--db', 'shop'], sha256: null },
}

const SUBJECT = { issuer: 'local', sub: 'alice', email: null, groups: [], kind: 'human' } as const

/** What a session that is to be recorded holds. */
interface Recording {
  readonly stateDirectory: string
  /** One `tools/call` for each: its tool and what was decided. */
  readonly calls: readonly { readonly tool: string; readonly effect: Effect; readonly args?: string }[]
  /** false: it was killed. */
  readonly ended?: boolean
  /** The policy that it ran under; absent: the record names none. */
  readonly policy?: ContextBody['policy']
  /** The email of who was signed in; absent: nobody was. */
  readonly email?: string
  /** Are requests recorded by their digest only? */
  readonly byDigest?: boolean
}

/** Records a session with the real log; its clock begins at 2026-11-21T09:14:07Z and ticks a millisecond a record. */
export function recordSession(recording: Recording) {
  const { stateDirectory, calls, ended = true, policy, email = null, byDigest = false } = recording
  const device = loadDeviceKey(stateDirectory)
  const directory = join(stateDirectory, 'sessions')
  const payloads = { ...AUDIT.payloads, ...(byDigest && { requests: 'digest' as const }) }
  const audit = { ...AUDIT, payloads }
  const log = openSessionLog({ directory, device, header: HEADER, audit, clock: tickingClock() })
  log.append({
    kind: 'context',
    cause: 'start',
    subject: { ...SUBJECT, email },
    client: null,
    grants: [],
    ...(policy !== undefined && { policy }),
  })
  for (const [index, { tool, effect, args = '{}' }] of calls.entries()) {
    const message = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(tool)},"arguments":${args}}}`
    const decision = {
      effect,
      rules: [`rules[${index}]`],
      why: effect === 'deny' ? 'one denies' : 'all allow',
    }
    const method = 'tools/call'
    const request = { kind: 'request', from: 'client', exchange: index + 1, method, tool, decision } as const
    log.append(request, { bytes: Buffer.from(message), payload: 'requests' })
  }
  log.commit()
  if (ended) log.close(footer(calls))
  return { device: device.id, session: log.session, path: log.path }
}

function footer(calls: Recording['calls']) {
  const count = (wanted: Effect) => calls.filter(({ effect }) => effect === wanted).length
  const counts = { allowed: count('allow'), asked: count('ask'), denied: count('deny') }
  return { end: 'client-closed', exitCode: 0, exchanges: calls.length, ...counts } as const
}

function tickingClock(): Clock {
  let millis = Date.parse('2026-11-21T09:14:07Z')
  return {
    now: () => new Date(millis),
    micros: () => `${new Date(millis++).toISOString().slice(0, -1)}000Z`,
  }
}

/** Three calls: one allowed, one asked with a number and a text that are hard to show, one denied. */
export const CALLS = [
  { tool: 'list_tables', effect: 'allow' },
  { tool: 'query', effect: 'ask', args: '{"id":9007199254740993,"to":"a\u202eb"}' },
  { tool: 'drop\u001b[2J', effect: 'deny' },
] as const
