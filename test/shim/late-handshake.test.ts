import { afterEach, expect, it, vi } from 'vitest'
import { answerOpen } from '../../src/shim/answer-open.ts'
import { lateHandshake } from '../../src/shim/late-handshake.ts'
import { parseMessage, type RequestMessage } from '../../src/shim/message.ts'
import { benchOfOne, type Bench, type BenchOptions } from './bench-of-one.ts'
import { BOB } from './changing-bench.ts'
import { ChangingAuthority } from './fixed-authority.ts'
import { answer, call, notice, request } from './messages.ts'

const POLICY = 'rules:\n  - allow: { tool: a }\n  - allow: { prompt: "*" }'
const PARAMS = {
  protocolVersion: '2025-11-25',
  capabilities: { roots: {} },
  clientInfo: { name: 'c', version: '1' },
}
const SERVER = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: {}, prompts: {} },
  serverInfo: { name: 's', version: '1' },
}

function asked(params: object): RequestMessage {
  const bytes = Buffer.from(request(7, 'initialize', params))
  const parsed = parseMessage(bytes, { fold: true, caseSensitiveArguments: false })
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('this is no request')
  return parsed.message
}

interface Greeted extends BenchOptions {
  readonly sections?: string
  readonly params?: object
}

const greeted = (
  initialized: boolean,
  { sections = POLICY, params = PARAMS, ...options }: Greeted = {},
): Promise<Bench> =>
  benchOfOne(sections, {
    greet: (shim, done) => lateHandshake({ initialize: asked(params), initialized }, shim, done),
    ...options,
  })

afterEach(() => void vi.useRealTimers())

const idOf = ([first = '{}']: readonly string[]) => JSON.parse(first).id

it('makes the handshake in the client’s words under an id of its own, and holds the client back until it is over', async () => {
  const bench = await greeted(true)
  const before = await bench.client(call(1, 'a'))
  const id = idOf(before.server)
  expect(id).toMatch(/^hoopctl-/)
  expect(before).toEqual({ client: [], server: [request(id, 'initialize', PARAMS)] })
  const after = await bench.server(answer(id, SERVER))
  expect(after.client).toEqual([
    notice('notifications/tools/list_changed'),
    notice('notifications/prompts/list_changed'), // of resources no rule allows any
  ])
  expect(after.server[0]).toBe(notice('notifications/initialized'))
  // The held call is looked at now: first hoopctl must know the tool.
  expect(JSON.parse(after.server[1] ?? '{}')).toMatchObject({ method: 'tools/list' })
})

it('is recorded as hoopctl’s own, with why, and with who the client is', async () => {
  const bench = await greeted(true)
  const { server } = await bench.client('')
  await bench.server(answer(idOf(server), SERVER))
  const why = 'its client was answered before there was a policy'
  expect(bench.records('context', 'request', 'response', 'notification')).toMatchObject([
    { kind: 'context', cause: 'start' },
    { kind: 'context', cause: 'client', client: PARAMS.clientInfo },
    { kind: 'request', from: 'hoopctl', method: 'initialize', decision: { effect: 'allow', rules: [], why } },
    { kind: 'response', from: 'server', isError: false },
    { kind: 'notification', from: 'hoopctl', method: 'notifications/initialized' },
    { kind: 'notification', from: 'hoopctl', method: 'notifications/tools/list_changed' },
    { kind: 'notification', from: 'hoopctl', method: 'notifications/prompts/list_changed' },
  ])
})

it('given a client that is not done with its own handshake, leaves the end of it to the client', async () => {
  const bench = await greeted(false)
  const { server } = await bench.client('')
  expect(await bench.server(answer(idOf(server), SERVER))).toEqual({ client: [], server: [] })
  const end = notice('notifications/initialized')
  expect(await bench.client(end)).toEqual({ client: [], server: [end] })
})

it.each([
  { given: 'an error', said: JSON.stringify({ error: { code: -32602, message: 'no' } }) },
  { given: 'an odd result', said: JSON.stringify({ result: { ...SERVER, resultType: 'nonsense' } }) },
])('given $given for an answer, denies everything and says so', async ({ said }) => {
  const bench = await greeted(true)
  const { server } = await bench.client(call(1, 'a'))
  const bytes = JSON.stringify({ jsonrpc: '2.0', id: idOf(server), ...JSON.parse(said) })
  const after = await bench.server(bytes)
  expect(after.server).toEqual([])
  expect(after.client).toEqual([expect.stringContaining('the handshake with the server failed')])
  expect(bench.said).toEqual([expect.stringContaining('the handshake with the server failed')])
})

it.each([
  { given: 'another version', version: '2024-11-05', speaks: '2024-11-05' },
  { given: 'no version', version: undefined, speaks: 'no version that it names' },
])(
  'given a server that answers with $given, where the client was told one, denies everything and says what helps',
  async ({ version, speaks }) => {
    const bench = await greeted(true)
    const { server } = await bench.client(call(1, 'a'))
    const why = `the handshake with the server failed: the server speaks ${speaks}, and the client was told 2025-11-25 before there was a policy. A person must restart the client, so that it negotiates the version with the server itself`
    expect(await bench.server(answer(idOf(server), { ...SERVER, protocolVersion: version }))).toEqual({
      client: [expect.stringContaining(why)],
      server: [],
    })
    expect(bench.said).toEqual([why])
  },
)

it('given a client that named no version, takes the one that it was told', async () => {
  const bench = await greeted(true, { params: { ...PARAMS, protocolVersion: undefined } })
  const { server } = await bench.client()
  const after = await bench.server(answer(idOf(server), SERVER))
  expect(after.server).toEqual([notice('notifications/initialized')])
})

it('given a disk that takes nothing, sends the server nothing [INV-4]', async () => {
  const bench = await greeted(true, {
    log: (real) => ({
      session: real.session,
      path: real.path,
      failure: 'the disk is full',
      append: () => undefined,
      commit: () => 'none',
      roomFor: () => false,
      close: (footer) => real.close(footer),
    }),
  })
  const { client, server } = await bench.client(call(1, 'a'))
  expect(server).toEqual([])
  expect(client).toEqual([expect.stringContaining('it could not be recorded')])
})

it('given a longer handshake than the policy lets through, sends it to nobody and says so', async () => {
  const sections = `limits: { messageSize: 64KiB }\n${POLICY}`
  // With its envelope, this one is as long as may be.
  const most = 64 * 1024 - Buffer.byteLength(request(7, 'initialize', { ...PARAMS, x: '' }))
  const fits = await greeted(true, { sections, params: { ...PARAMS, x: 'x'.repeat(most) } })
  expect((await fits.client()).server).toHaveLength(1)
  const params = { ...PARAMS, x: 'x'.repeat(most + 1) }
  const bench = await greeted(true, { sections, params })
  const why = 'it has 65537 bytes, above the limit of 65536 (limits.messageSize)'
  expect(await bench.client(call(1, 'a'))).toEqual({ client: [expect.stringContaining(why)], server: [] })
  expect(bench.said).toEqual([expect.stringContaining(why)])
  expect(bench.records('context', 'refused', 'request')).toMatchObject([
    { kind: 'context', cause: 'start' },
    { kind: 'refused', from: 'client', why, bytes: 65537 },
    { kind: 'request', from: 'client', method: 'tools/call' },
  ])
})

it('given a request that holds the words of a handshake, sends it to the server only after the real one [INV-1]', async () => {
  const bench = await greeted(true)
  const line = request(3, 'prompts/get', { name: 'p', arguments: { method: 'initialize' } })
  const { server } = await bench.client(line)
  expect(server).toEqual([request(idOf(server), 'initialize', PARAMS)])
  const after = await bench.server(answer(idOf(server), SERVER))
  expect(after.server).toEqual([notice('notifications/initialized'), line])
})

it('given a server that asks before it answers, passes the answers of the client on [INV-7]', async () => {
  const bench = await greeted(true)
  const id = idOf((await bench.client(call(1, 'a'))).server)
  expect(await bench.server(request('p', 'ping'), request('q', 'ping'))).toEqual({
    client: [request('p', 'ping'), request('q', 'ping')],
    server: [],
  })
  const unread = '{"jsonrpc":"2.0","id":"q","result":{},"result":{}}'
  const { server } = await bench.client(answer('p', {}), unread)
  expect(server).toEqual([answer('p', {}), expect.stringContaining('the answer was refused')])
  expect((await bench.server(answer(id, SERVER))).server).toHaveLength(2)
})

it('given a call that its client cancels meanwhile, sends it to nobody [INV-7]', async () => {
  const bench = await greeted(true)
  const cancelled = notice('notifications/cancelled', { requestId: 1 })
  const id = idOf((await bench.client(call(1, 'a'), cancelled)).server)
  const { server } = await bench.server(answer(id, SERVER))
  const tools = { tools: [{ name: 'a' }] }
  expect(server.map((line) => JSON.parse(line).method)).toEqual(['notifications/initialized', 'tools/list'])
  expect(await bench.server(answer(idOf(server.slice(1)), tools))).toEqual({ client: [], server: [] })
})

it('given somebody else who signs in meanwhile, answers the client and says that it must be restarted', async () => {
  const made: { authority?: ChangingAuthority } = {}
  const bench = await greeted(true, {
    authority: (policy) => (made.authority = new ChangingAuthority(policy, {})),
  })
  const id = idOf((await bench.client(call(1, 'a'))).server)
  made.authority?.change({ subject: BOB })
  const failed =
    'the handshake with the server failed: somebody else signed in before it was answered. A person must restart the client'
  expect(await bench.client()).toEqual({ client: [expect.stringContaining(failed)], server: [] })
  expect(bench.said).toEqual([failed])
  expect(await bench.server(answer(id, SERVER))).toEqual({ client: [], server: [] })
  expect((await bench.client(call(2, 'a'))).client).toEqual([expect.stringContaining(failed)])
})

it('given a client that closes, waits for a silent server as long as for its list of tools, and answers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const bench = await greeted(true)
  await bench.client(call(1, 'a'))
  expect((await bench.close()).client).toEqual([])
  vi.advanceTimersByTime(4999)
  expect((await bench.server()).client).toEqual([])
  vi.advanceTimersByTime(1)
  const why = 'the handshake with the server failed: its client closed'
  expect(await bench.server()).toEqual({ client: [expect.stringContaining(why)], server: [] })
})

it('given a server that ends, answers and records what waits for it', async () => {
  const bench = await greeted(true)
  await bench.client(call(1, 'a'), request(2, 'tools/list'))
  bench.shim.later(() => answerOpen(bench.shim, 'the server `bench` ended (exit code 3)'))
  const why = 'the handshake with the server failed: the server `bench` ended (exit code 3)'
  const { client, server } = await bench.server()
  expect(client).toEqual([expect.stringContaining(why), expect.stringContaining(why)])
  expect(server).toEqual([])
  expect(bench.records('request').slice(1)).toMatchObject([
    { from: 'client', method: 'tools/call', decision: { effect: 'deny', why } },
    { from: 'client', method: 'tools/list', decision: { effect: 'deny', why } },
  ])
})

it('given a session that is left, answers what waits for a silent server', async () => {
  const bench = await greeted(true)
  await bench.client(call(1, 'a'))
  const why = 'the session was ended by a signal'
  expect(await bench.leave(why)).toEqual({ client: [expect.stringContaining(why)], server: [] })
})
