import { createHash } from 'node:crypto'
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { untilGone } from './processes.ts'
import { type RawClient, rawClient } from './raw-client.ts'
import { type RawServer, rawServer } from './raw-server.ts'
import { rawSpace } from './raw-space.ts'
import { forwarded, type SessionLog, serverOf, sessionLogs, verify } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

const RUNS = 50
const AT_ONCE = 2
const MOST_CALLS = 400
const text = 'x'.repeat(500)

function call(id: number | string, size = text): unknown {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'echo', arguments: { text: size } } }
}

function digestsOf(bytes: Buffer): readonly string[] {
  const lines = bytes.toString().split('\n').slice(0, -1)
  return lines.map((line) => createHash('sha256').update(line).digest('hex'))
}

/** Sends calls without waiting until hoopctl is dead, and returns what the server received. */
async function killed(
  client: RawClient,
  server: RawServer,
  answers: number | null,
): Promise<readonly string[]> {
  await client.initialize()
  const running = await server.started()
  const calls = Array.from({ length: MOST_CALLS + 200 }, (_, id) => `${JSON.stringify(call(id))}\n`)
  void client.write(calls.join(''))
  if (answers !== null) {
    await client.lines.count(1 + answers)
    client.child.kill('SIGKILL')
  }
  await client.exited
  await running.gone
  await untilGone(running.pid)
  return digestsOf(await running.bytes())
}

function moment(run: number): { readonly answers: number | null; readonly deadly: readonly string[] } {
  const at = Math.floor(Math.random() * MOST_CALLS)
  // Two lines of the handshake and a list of tools come before the calls.
  return run % 2 === 0 ? { answers: at, deadly: [] } : { answers: null, deadly: ['--deadly', String(at + 4)] }
}

function missingFrom(log: SessionLog | undefined, received: readonly string[]): readonly string[] {
  const known = log === undefined ? new Set() : forwarded(log)
  return received.filter((digest) => !known.has(digest))
}

describe('kill -9 of hoopctl under load', () => {
  it(`given ${RUNS} random moments, each log verifies and holds all that the server received`, async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-raw-')))
    const names = Array.from({ length: RUNS }, (_, run) => `raw-${run}`)
    const servers = new Map<string, RawServer>()
    // Half of them are killed by the client after some answer, half by the server the moment that a call reaches it.
    const moments = new Map(names.map((name, run) => [name, moment(run)]))
    for (const [name, { deadly }] of moments) {
      servers.set(name, await rawServer(directory, '--quiet', ...deadly))
    }
    const entries = Object.fromEntries([...servers].map(([name, { entry }]) => [name, entry]))
    await using space = await workspace({ rules: [{ allow: { tool: '*' } }], servers: () => entries })
    const received = new Map<string, readonly string[]>()
    const waiting = [...servers]
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [name, server] = next
        await using client = rawClient(space.wrap(name), space)
        received.set(name, await killed(client, server, moments.get(name)?.answers ?? null))
        await server[Symbol.asyncDispose]()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))

    const logs = await sessionLogs(space)
    expect(new Set(logs.map(serverOf))).toEqual(new Set(names))
    expect(logs).toHaveLength(RUNS)
    const verdicts = await verify(space, logs)
    expect(verdicts.map(({ ok, state }) => [ok, state])).toEqual(names.map(() => [true, 'open']))
    const unrecorded = names.map((name) =>
      missingFrom(
        logs.find((log) => serverOf(log) === name),
        received.get(name) ?? [],
      ),
    )
    expect(unrecorded).toEqual(names.map(() => []))
    expect([...received.values()].every((digests) => digests.length > 1)).toBe(true)
    await rm(directory, { recursive: true })
  }, 600_000)
})

describe('two shims at once', () => {
  it('given one directory, each writes a log of its own that verifies, with a number of its own', async () => {
    await using raw = await rawSpace({ flags: ['--quiet'] })
    const session = async () => {
      await using client = rawClient(raw.space.wrap('raw'), raw.space)
      await client.initialize()
      const calls = Array.from({ length: 200 }, (_, id) => `${JSON.stringify(call(id))}\n`).join('')
      await client.write(calls)
      await client.lines.count(201)
      return await client.end()
    }
    const ends = await Promise.all([session(), session(), session()])
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0])
    const logs = await sessionLogs(raw.space)
    const verdicts = await verify(raw.space, logs)
    expect(verdicts.map(({ ok, state }) => [ok, state])).toEqual(logs.map(() => [true, 'complete']))
    expect(new Set(logs.map(({ records }) => records[0]?.['number']))).toEqual(new Set([1, 2, 3]))
  })
})

describe('a log that cannot be written', () => {
  async function deniedCall(client: RawClient, id: number): Promise<string> {
    await client.send(call(id))
    const { result } = await client.answer(id)
    expect(result).toMatchObject({ isError: true })
    return JSON.stringify(result)
  }

  it.each([
    {
      given: 'the directory of logs is removed',
      harm: async (space: Workspace) => rm(await logDirectory(space), { recursive: true }),
    },
    {
      given: 'the state directory is replaced by a file',
      harm: async (space: Workspace) => {
        await rm(join(space.home, 'state'), { recursive: true })
        await writeFile(join(space.home, 'state'), '')
      },
    },
  ])('given that $given, denies with that reason and forwards nothing', async ({ harm }) => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await client.send(call(1))
    expect((await client.answer(1)).result).not.toHaveProperty('isError')
    await harm(raw.space)
    expect(await deniedCall(client, 2)).toMatch(/record/)
    expect(await deniedCall(client, 3)).toMatch(/record/)
    expect(server.received.all.filter((line) => line.includes('tools/call'))).toHaveLength(1)
  })

  it('given that there is no place for it from the start, answers, and denies with that reason', async () => {
    await using raw = await rawSpace()
    await writeFile(join(raw.space.home, 'state'), '')
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    expect(await deniedCall(client, 1)).toMatch(/record|state/)
    await client.end()
    const received = raw.server.processes.all.flatMap(({ received }) => received.all)
    expect(received.filter((line) => line.includes('tools/call'))).toEqual([])
  })

  it('given that the disk is full, denies, and the server received nothing that is not in the log', async () => {
    await using raw = await rawSpace({ flags: ['--quiet'] })
    const { command, args } = raw.space.wrap('raw')
    // No file may grow beyond 400 KiB; to whoever writes that is a full disk.
    const limited = { command: 'bash', args: ['-c', 'ulimit -f 400; exec "$@"', 'bash', command, ...args] }
    await using client = rawClient(limited, raw.space)
    await client.initialize()
    const server = await raw.server.started()
    const size = 'x'.repeat(5000)
    for (let id = 1; id <= 200; id++) {
      await client.send(call(id, size))
      await client.answer(id)
    }
    const denied = client.lines.all.filter((line) => line.includes('"isError":true'))
    expect(denied.length).toBeGreaterThan(100)
    expect(denied.at(-1)).toMatch(/record/)
    const [log] = await sessionLogs(raw.space)
    expect(missingFrom(log, digestsOf(await server.bytes()))).toEqual([])
    expect(await verify(raw.space, log ? [log] : [])).toMatchObject([{ ok: true }])
  })
})

async function logDirectory(space: Workspace): Promise<string> {
  const [log] = await sessionLogs(space)
  if (log === undefined) throw new Error(`no log in ${(await readdir(space.home)).join()}`)
  return join(log.path, '..')
}
