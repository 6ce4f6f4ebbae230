import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { fixture, NODE } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const MIB = 1024 * 1024
const GIGABYTE = 1024 // messages of a mebibyte
const SMALL_HEAP = '--max-old-space-size=64'
// What a Node process of 64 MB heap weighs, with the buffers of a few messages; 1 GB passes through it.
const BOUND = 256 * MIB

function bulk(rules: readonly unknown[], policy: Readonly<Record<string, unknown>> = {}): Promise<Workspace> {
  const server = (...flags: string[]) => ({
    run: { command: NODE, args: [fixture('bulk-server.mjs'), ...flags] },
  })
  return workspace({ rules, policy, servers: () => ({ bulk: server(), slow: server('--slow') }) })
}

/** The most memory that a process ever had, in bytes. */
async function peakMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

function start(name: string, space: Workspace) {
  const { command, args } = space.wrap(name)
  const child = spawn(command, [...args], {
    cwd: space.root,
    env: { ...space.env, NODE_OPTIONS: SMALL_HEAP },
  })
  child.stderr.resume()
  return child
}

function request(id: string, method: string, params: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
}

const HELLO = request('hello', 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bulk', version: '1' },
})
const ALLOW = [{ allow: { tool: '*' } }]
// One of the lines that bulk-server.mjs sends, to know their length by.
const params = { level: 'info', data: 'x'.repeat(MIB) }
const FLOOD = `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params })}\n`

/** Reads the first line and so many bytes after it, slowly; returns their digest and what came after them. */
async function digestAfterFirstLine(chunks: AsyncIterator<Buffer>, wanted: number) {
  const hash = createHash('sha256')
  let left = wanted
  let started = false
  for (;;) {
    const next = await chunks.next()
    if (next.done === true) throw new Error(`the stream ended ${left} bytes too early`)
    let chunk = next.value
    await pause(0) // somebody else has a turn: the server is always ahead of this reader
    if (!started && !chunk.includes(10)) continue
    if (!started) chunk = chunk.subarray(chunk.indexOf(10) + 1)
    started = true
    hash.update(chunk.subarray(0, left))
    if (chunk.length > left) return { sha256: hash.digest('hex'), rest: chunk.subarray(left) }
    left -= chunk.length
  }
}

describe.runIf(process.platform === 'linux')('1 GB through a heap of 64 MB', () => {
  it('given a server that sends faster than the client reads, holds little and loses nothing', async () => {
    await using space = await bulk(ALLOW)
    const child = start('bulk', space)
    child.stdin.write(HELLO)
    child.stdin.write(
      request('go', 'tools/call', { name: 'flood', arguments: { count: GIGABYTE, size: MIB } }),
    )
    const chunks = child.stdout.iterator({ destroyOnReturn: false })
    const { sha256, rest } = await digestAfterFirstLine(chunks, FLOOD.length * GIGABYTE)
    let last = rest.toString()
    while (!last.includes('"id":"go"')) last += String((await chunks.next()).value)
    const peak = await peakMemory(child.pid)
    child.stdin.end()
    await once(child, 'exit')
    expect(last).toContain(sha256)
    expect(peak).toBeLessThan(BOUND)
  }, 600_000)

  it('given a client that sends faster than the server reads, holds little and loses nothing', async () => {
    await using space = await bulk(ALLOW)
    const child = start('slow', space)
    const exited = once(child, 'exit')
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.stdin.write(HELLO)
    const hash = createHash('sha256')
    const data = 'x'.repeat(MIB)
    for (let message = 0; message < GIGABYTE; message++) {
      const line = request(`take-${message}`, 'tools/call', { name: 'take', arguments: { data } })
      hash.update(line.slice(0, -1))
      if (!child.stdin.write(line)) await once(child.stdin, 'drain')
    }
    child.stdin.write(request('sum', 'tools/call', { name: 'sum', arguments: {} }))
    while (!Buffer.concat(said.slice(-3)).includes('"id":"sum"')) await once(child.stdout, 'data')
    const peak = await peakMemory(child.pid)
    child.stdin.end()
    await exited
    const sum = Buffer.concat(said)
      .toString()
      .split('\n')
      .find((line) => line.includes('"id":"sum"'))
    expect(sum).toContain(hash.digest('hex'))
    expect(peak).toBeLessThan(BOUND)
  }, 600_000)
})

describe('a message above the limit', () => {
  it('given a limit in the policy, refuses what is longer and passes what is not', async () => {
    await using space = await bulk(ALLOW, { limits: { messageSize: '8KiB' } })
    await using client = rawClient(space.wrap('bulk'), space)
    await client.initialize()
    const long = request('long', 'tools/call', { name: 'take', arguments: { data: 'x'.repeat(9000) } })
    const short = request('short', 'tools/call', { name: 'take', arguments: { data: 'x'.repeat(7000) } })
    await client.write(long + short)
    expect(await client.answer('short')).toMatchObject({ result: { content: [{ text: '"taken"' }] } })
    const refused = client.lines.all.find((line) => line.includes('"error"'))
    expect(refused).toMatch(/8 ?KiB|8192/)
    const sum = await client.request('tools/call', { name: 'sum', arguments: {} })
    expect(JSON.stringify(sum)).toContain(String(short.length - 1))
  })

  it.runIf(process.platform === 'linux')(
    'given no limit in the policy, refuses half a gigabyte in one line without holding it',
    async () => {
      await using space = await bulk(ALLOW)
      await using client = rawClient(space.wrap('bulk'), space, {
        env: { ...space.env, NODE_OPTIONS: SMALL_HEAP },
      })
      await client.initialize()
      await client.write(
        '{"jsonrpc":"2.0","id":"huge","method":"tools/call","params":{"name":"take","arguments":"',
      )
      for (let part = 0; part < 512; part++) await client.write('x'.repeat(MIB))
      await client.write('"}}\n')
      await client.lines.find((line) => line.includes('"error"') && /64 ?MiB|67108864/.test(line))
      // The limit is 64 MiB: so much may be held, and copied, before it is known that the message is too long.
      expect(await peakMemory(client.child.pid)).toBeLessThan(BOUND + 64 * MIB)
      expect((await client.request('tools/call', { name: 'take', arguments: {} })).error).toBeUndefined()
    },
    600_000,
  )
})
