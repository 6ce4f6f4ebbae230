import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { untilGone } from './processes.ts'
import { type Exit, type RawClient, rawClient } from './raw-client.ts'
import type { RunningServer } from './raw-server.ts'
import { rawSpace } from './raw-space.ts'

const CALL = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'echo', arguments: {} } }
const OPEN = ['a', 'b', 'c']

// "128+n: ended by signal n": a process that ended by a signal shows as that in a shell.
function exitCode({ code, signal }: Exit): number | null {
  return signal === null ? code : 128 + constants.signals[signal]
}

async function withOpenCalls(client: RawClient, server: RunningServer): Promise<void> {
  for (const id of OPEN) await client.send({ ...CALL, id })
  for (const id of OPEN) await server.received.find((line) => line.includes(`"id":"${id}"`))
}

describe('a client that closes stdin', () => {
  it('given a server that ends then, ends with 0 and leaves nobody behind', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    expect(await client.end()).toEqual({ code: 0, signal: null })
    await untilGone(server.pid)
  })

  it('given a server that still has something to say, delivers it', async () => {
    await using raw = await rawSpace({ flags: ['--hold'] })
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await client.send({ ...CALL, id: 'late' })
    await server.received.find((line) => line.includes('late'))
    await server.tell({ linger: true })
    const ended = client.end()
    await server.send({ jsonrpc: '2.0', id: 'late', result: { content: [] } })
    expect(await client.answer('late')).toMatchObject({ result: { content: [] } })
    await server.tell({ exit: 3 })
    expect(await ended).toEqual({ code: 0, signal: null }) // the client closed: how the server ended is not its concern
  })

  it('given a server that neither ends nor heeds SIGTERM, ends it all the same', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await server.tell({ linger: true })
    await server.tell({ ignore: 'SIGTERM' })
    expect(await client.end()).toEqual({ code: 0, signal: null })
    await untilGone(server.pid)
  })
})

describe.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to hoopctl', (signal) => {
  it('given a server with a child of its own, ends both and passes the signal on as an exit code', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    const { pid } = await server.tell({ grandchild: true })
    client.child.kill(signal)
    expect(exitCode(await client.exited)).toBe(128 + constants.signals[signal])
    await untilGone(server.pid)
    await untilGone(Number(pid))
  })

  it('given a server that ignores it, kills the server', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    for (const ignored of ['SIGTERM', 'SIGINT', 'SIGHUP']) await server.tell({ ignore: ignored })
    await server.tell({ linger: true })
    client.child.kill(signal)
    expect(exitCode(await client.exited)).toBe(128 + constants.signals[signal])
    await untilGone(server.pid)
  })
})

describe('a server that ends', () => {
  it('given its own exit code, hoopctl ends with it after the last byte', async () => {
    await using raw = await rawSpace({ flags: ['--hold'] })
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await client.send({ ...CALL, id: 1 })
    await server.received.find((line) => line.includes('tools/call'))
    const text = 'x'.repeat(2_000_000)
    await server.send({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } })
    await server.tell({ exit: 7 })
    expect(await client.exited).toEqual({ code: 7, signal: null })
    expect(await client.answer(1)).toMatchObject({ result: { content: [{ text }] } })
  })

  it('given a last line without an end, delivers it', async () => {
    await using raw = await rawSpace({ flags: ['--hold'] })
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await client.send({ ...CALL, id: 1 })
    await server.received.find((line) => line.includes('tools/call'))
    const last = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'
    await server.tell({ write: Buffer.from(last).toString('base64') })
    await server.tell({ exit: 0 })
    await client.exited
    expect(client.stdout().toString().trimEnd().split('\n').at(-1)).toBe(last)
  })

  it('given open requests, each is answered with an error that says so', async () => {
    await using raw = await rawSpace({ flags: ['--hold'] })
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await withOpenCalls(client, server)
    process.kill(server.pid, 'SIGKILL')
    for (const id of OPEN) {
      const { error, result } = await client.answer(id)
      expect(JSON.stringify(error ?? result)).toMatch(/server.*(ended|exited|killed|SIGKILL)/i)
    }
    expect(exitCode(await client.exited)).toBe(128 + constants.signals.SIGKILL)
  })

  it('given a child of its own that lives on, takes that with it', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    const { pid } = await server.tell({ grandchild: true })
    await server.tell({ exit: 0 })
    expect(await client.exited).toEqual({ code: 0, signal: null })
    await untilGone(Number(pid))
  })
})
