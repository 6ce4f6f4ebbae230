import { expect, it } from 'vitest'
import { lateHandshake } from '../../src/shim/late-handshake.ts'
import { parseMessage, type RequestMessage } from '../../src/shim/message.ts'
import { benchOfOne, type Bench } from './bench-of-one.ts'
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

function asked(): RequestMessage {
  const bytes = Buffer.from(request(7, 'initialize', PARAMS))
  const parsed = parseMessage(bytes, { fold: true, caseSensitiveArguments: false })
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('this is no request')
  return parsed.message
}

const greeted = (initialized: boolean): Promise<Bench> =>
  benchOfOne(POLICY, {
    greet: (shim, done) => lateHandshake({ initialize: asked(), initialized }, shim, done),
  })

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
  { given: 'an odd result', said: JSON.stringify({ result: { resultType: 'nonsense' } }) },
])('given $given for an answer, denies everything and says so', async ({ said }) => {
  const bench = await greeted(true)
  const { server } = await bench.client(call(1, 'a'))
  const bytes = JSON.stringify({ jsonrpc: '2.0', id: idOf(server), ...JSON.parse(said) })
  const after = await bench.server(bytes)
  expect(after.server).toEqual([])
  expect(after.client).toEqual([expect.stringContaining('the handshake with the server failed')])
  expect(bench.said).toEqual([expect.stringContaining('the handshake with the server failed')])
})

it('given a disk that takes nothing, sends the server nothing [INV-4]', async () => {
  const bench = await benchOfOne(POLICY, {
    greet: (shim, done) => lateHandshake({ initialize: asked(), initialized: true }, shim, done),
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
