import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A record of a log; what is left out, the log numbers and dates itself. */
export type Written = Readonly<Record<string, unknown>> & { readonly kind: string; readonly time: string }

const ASKED = { effect: 'ask', rules: ['rules.refunds'], why: 'one asks' }
const call = (id: number, name: string, args: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})
const result = (id: number, text: string) => ({
  jsonrpc: '2.0',
  id,
  result: { content: [{ type: 'text', text }] },
})
const asks = { from: 'client', method: 'tools/call', bytes: 120, sha256: 'ab' }
const answers = { from: 'server', isError: false, bytes: 2048, sha256: 'cd' }

/** A header. */
export const HEADER: Written = {
  time: '09:14:07.000',
  kind: 'header',
  format: 'hoopctl-session/1',
  session: '01KAJ5ZQ3W8T4M7C2D9FBXN6VE',
  hoopctl: '0.1.0',
  host: 'alice-mbp',
  osUser: 'alice',
  device: 'ed25519:8fKq',
  number: 17,
  verify: 'hoopctl sessions verify 17',
  server: { name: 'orders-db', command: ['/opt/acme/bin/mcp-postgres'], sha256: null },
}

/** A footer. */
export const FOOTER: Written = {
  time: '09:25:46.000',
  kind: 'footer',
  end: 'client-closed',
  exitCode: 0,
  exchanges: 3,
  allowed: 1,
  asked: 1,
  denied: 1,
}

/**
 * A session with a read, a refund that bob approved, a denial, and ten minutes in which nothing happened. Its entries, one
 * for each record, are at the places 0 to 10.
 */
export const SESSION: readonly Written[] = [
  HEADER,
  {
    time: '09:14:07.100',
    kind: 'context',
    cause: 'start',
    subject: {
      issuer: 'https://login.acme.example',
      sub: '00u1a',
      email: 'alice@acme.example',
      groups: ['support'],
    },
    policy: { name: 'acme', version: 42, digest: '8234abcd8234abcd', signed: true },
    grants: [],
  },
  {
    ...asks,
    time: '09:14:12.000',
    kind: 'request',
    exchange: 1,
    tool: 'read_order',
    facts: { rows: { most: 9007199254740993n } },
    decision: { effect: 'allow', rules: ['rules.reads'], why: 'all allow' },
    message: call(1, 'read_order', { id: 1041 }),
  },
  {
    ...answers,
    time: '09:14:12.500',
    kind: 'response',
    exchange: 1,
    tookUs: 6085,
    message: result(1, 'Order 1041: 3 lamps, paid, for Dora'),
  },
  {
    ...asks,
    time: '09:14:21.000',
    kind: 'request',
    exchange: 2,
    tool: 'refund_order',
    decision: ASKED,
    message: call(2, 'refund_order', { id: 1041, amount: 940, note: 'the lamps arrived broken' }),
  },
  {
    time: '09:14:21.000',
    kind: 'approval',
    exchange: 2,
    approval: 'A-7K2P9QXM',
    state: 'waiting',
    demand: { by: { groups: ['dba'] }, notSelf: true, count: 1, proof: 'oidc' },
    heldUntil: '2026-11-21T09:15:06Z',
    expires: '2026-11-21T09:44:21Z',
  },
  {
    time: '09:14:42.000',
    kind: 'approval',
    exchange: 2,
    approval: 'A-7K2P9QXM',
    state: 'approved',
    receipt: { proof: { kind: 'oidc' }, edited: null },
    by: { issuer: 'https://login.acme.example', sub: '00u9b', email: 'bob@acme.example', groups: ['dba'] },
  },
  {
    time: '09:14:42.000',
    kind: 'decision',
    exchange: 2,
    effect: 'allow',
    rules: ['rules.refunds'],
    approval: 'A-7K2P9QXM',
    why: 'approved by bob@acme.example',
  },
  {
    ...answers,
    time: '09:14:42.100',
    kind: 'response',
    exchange: 2,
    tookUs: 21_100_000,
    message: result(2, 'refunded'),
  },
  {
    ...asks,
    time: '09:15:00.000',
    kind: 'request',
    exchange: 3,
    tool: 'drop_table',
    decision: { effect: 'deny', rules: ['rules.no-ddl'], why: 'one denies' },
    message: call(3, 'drop_table', { table: 'orders' }),
  },
  { time: '09:15:00.100', kind: 'checkpoint', signature: 'q3Jx' },
  FOOTER,
]

/** Writes records as lines of a log; a text stands for itself. */
export function linesOf(records: readonly (Written | string)[]): string {
  return records
    .map((record, seq) => {
      if (typeof record === 'string') return `${record}\n`
      const { time, kind, ...members } = record
      const line = { seq, at: `2026-11-21T${time}000Z`, kind, prev: '00', ...members }
      return `${JSON.stringify(line, big)}\n`.replaceAll(/"big:(\d+)"/g, '$1')
    })
    .join('')
}

function big(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `big:${value}` : value
}

/** A home in which a log lies as session 17; gone when the test is over. */
export function homeWith(lines: string): { readonly home: string; readonly path: string } {
  const home = mkdtempSync(join(tmpdir(), 'hoopctl-replay-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const directory = join(home, 'state', 'sessions')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, '00000017.jsonl')
  writeFileSync(path, lines, { mode: 0o600 })
  return { home, path }
}
