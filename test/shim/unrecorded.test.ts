import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Committed, SessionLog } from '../../src/audit/session-log.ts'
import { benchOfOne, type Bench } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, lost, notice, refusal, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - ask: { tool: b }
  - allow: { serverRequest: roots }`

const FULL = 'the disk is full'
const UNRECORDED = `this session cannot be recorded, so nothing is sent: ${FULL}`
const OUTCOME =
  'the call was sent and may have happened, but its outcome cannot be recorded, so it is withheld. Its outcome is unknown'

/** A disk that a test fills: `all` is room for everything, `answers` for short answers only, `none` for nothing. */
interface Disk {
  room: Committed
  reserve: boolean
}

// What cannot be written must not reach the real log either, so it is held here until it is known to fit.
function onDisk(disk: Disk, real: SessionLog): SessionLog {
  let staged: Parameters<SessionLog['append']>[] = []
  return {
    session: real.session,
    path: real.path,
    get failure() {
      return disk.room === 'all' ? real.failure : FULL
    },
    append: (...record) => void staged.push(record),
    commit() {
      const kept = staged.filter(
        ([{ kind }]) => disk.room === 'all' || (disk.room === 'answers' && kind === 'response'),
      )
      staged = []
      for (const record of kept) real.append(...record)
      real.commit()
      return disk.room
    },
    roomFor: (open) => disk.reserve && real.roomFor(open),
    close: (footer) => real.close(footer),
  }
}

async function benchOnDisk(): Promise<{ bench: Bench; disk: Disk }> {
  const disk: Disk = { room: 'all', reserve: true }
  const bench = await benchOfOne(POLICY, { log: (real) => onDisk(disk, real) })
  await knowTools(bench)
  return { bench, disk }
}

const reasons = (lines: readonly string[]) =>
  lines.map((line) => {
    const { result, error } = JSON.parse(line)
    return result?.content[0].text ?? error.message
  })

describe('a request that cannot be recorded', () => {
  it.each(['none', 'answers'] as const)(
    'given room for %s, is not sent, and the client hears why; given room again, passes [INV-4]',
    async (room) => {
      const { bench, disk } = await benchOnDisk()
      disk.room = room
      const { client, server } = await bench.client(
        call(1, 'a'),
        request(2, 'ping'),
        notice('notifications/initialized'),
      )
      expect(server).toEqual([])
      expect(reasons(client)).toEqual([
        expect.stringContaining(`hoopctl denied the tool \`a\`: ${UNRECORDED}`),
        expect.stringContaining(`hoopctl denied \`ping\`: ${UNRECORDED}`),
      ])
      disk.room = 'all'
      expect(await bench.client(call(1, 'a'))).toEqual({ client: [], server: [call(1, 'a')] })
    },
  )

  it('given a denied one, is denied all the same, with the rule’s reason', async () => {
    const { bench, disk } = await benchOnDisk()
    disk.room = 'none'
    const { client, server } = await bench.client(call(1, 'c'), '{')
    expect(server).toEqual([])
    expect(reasons(client)).toEqual([
      expect.stringContaining('no rule in force covers the tool `c`'),
      'hoopctl refused this message: it is not JSON',
    ])
    expect(client[1]).toBe(refusal(null, -32700, 'it is not JSON'))
  })

  it('given no room for the record of its answer, is not sent [INV-4]', async () => {
    const { bench, disk } = await benchOnDisk()
    disk.reserve = false
    const { client, server } = await bench.client(call(1, 'a'))
    expect(server).toEqual([])
    expect(reasons(client)).toEqual([
      expect.stringContaining('this session cannot be recorded, so nothing is sent'),
    ])
    disk.reserve = true
    expect(await bench.client(call(1, 'a'))).toEqual({ client: [], server: [call(1, 'a')] })
  })

  it('is counted by nobody: the footer tells what the log holds', async () => {
    const { bench, disk } = await benchOnDisk()
    disk.room = 'none'
    await bench.client(call(1, 'a'), call(2, 'b'), call(3, 'c'))
    disk.room = 'all'
    expect(bench.shim.progress).toMatchObject({ allowed: 1, asked: 0, denied: 0 })
  })

  it('given as one that waits for hoopctl’s own list, is not sent, nor is the list', async () => {
    const disk: Disk = { room: 'all', reserve: true }
    const bench = await benchOfOne(POLICY, { log: (real) => onDisk(disk, real) })
    disk.room = 'none'
    const { client, server } = await bench.client(call(1, 'a'))
    expect(server).toEqual([])
    expect(reasons(client)).toEqual([expect.stringContaining(UNRECORDED)])
    expect(bench.shim.fromClient.size).toBe(0)
  })
})

describe('an answer that cannot be recorded', () => {
  it('is withheld, and the client hears that its outcome is unknown [INV-4]', async () => {
    const { bench, disk } = await benchOnDisk()
    await bench.client(call(1, 'a'), call(2, 'a'))
    disk.room = 'none'
    expect(await bench.server(text(1, 'secret'))).toEqual({ client: [lost(1, OUTCOME)], server: [] })
    disk.room = 'all'
    expect(await bench.server(text(2, 'fine'))).toEqual({ client: [text(2, 'fine')], server: [] })
  })

  it('given room for short answers, passes: what is kept in advance is for it', async () => {
    const { bench, disk } = await benchOnDisk()
    await bench.client(call(1, 'a'))
    disk.room = 'answers'
    expect(
      await bench.server(text(1, 'fine'), notice('notifications/message', { level: 'info', data: 'x' })),
    ).toEqual({
      client: [text(1, 'fine')],
      server: [],
    })
  })

  it('given the client’s to a server’s request, is withheld from the server', async () => {
    const { bench, disk } = await benchOnDisk()
    await bench.server(request('s', 'roots/list'))
    disk.room = 'none'
    const why = 'the answer cannot be recorded, so it is withheld'
    expect(await bench.client(answer('s', { roots: [] }))).toEqual({ client: [], server: [lost('s', why)] })
  })
})

describe('a server’s request that cannot be recorded', () => {
  it.each([{ room: 'none', reserve: true } as const, { room: 'all', reserve: false } as const])(
    'given %j, is not passed on, and the server hears why [INV-4]',
    async (full) => {
      const { bench, disk } = await benchOnDisk()
      Object.assign(disk, full)
      const { client, server } = await bench.server(request('s', 'roots/list'))
      expect(client).toEqual([])
      expect(reasons(server)).toEqual([
        expect.stringContaining('this session cannot be recorded, so nothing is asked'),
      ])
      Object.assign(disk, { room: 'all', reserve: true })
      expect((await bench.server(request('s', 'roots/list'))).client).toEqual([request('s', 'roots/list')])
    },
  )
})

describe('a record', () => {
  it('is on disk before its request reaches the server, and before its answer reaches the client [INV-4]', async () => {
    const seen: string[][] = []
    const kinds = (path: string) => readFileSync(path, 'utf8').match(/"kind":"(?:request|response)"/g) ?? []
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const { shim } = bench
    for (const peer of [shim.child, shim.client]) {
      const send = peer.send.bind(peer)
      peer.send = (message) => {
        seen.push([...kinds(shim.log.path)])
        send(message)
      }
    }
    await bench.client(call(1, 'a'))
    await bench.server(text(1, 'x'))
    expect(seen.map((records) => records.length)).toEqual([3, 4])
  })
})
