import { expect, it } from 'vitest'
import { EarlyServer } from '../../src/cli/early-server.ts'
import type { Server } from '../../src/policy/policy.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { eventually } from '../eventually.ts'
import { fakeContext } from './fake-context.ts'

/** A server that is about to start, and a process that can be told to end. */
async function early(script: string) {
  const asks = new Set<(signal: NodeJS.Signals) => void>()
  const endedBy: NodeJS.Signals[] = []
  const context = {
    ...fakeContext().context,
    onSignal: (ask: (signal: NodeJS.Signals) => void) => {
      asks.add(ask)
      return () => void asks.delete(ask)
    },
    endBy: (signal: NodeJS.Signals) => void endedBy.push(signal),
  }
  const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: p }\nrules: []
servers: { s: { run: { command: /bin/sh, args: [-c, ${JSON.stringify(script)}] } } }\n`
  const { policy } = await parsePolicy(Buffer.from(text), '/p.yaml')
  if (policy === null) throw new Error('no policy')
  const servers: ReadonlyMap<string, Server> = policy.servers
  const options = {
    names: ['s'],
    command: null,
    policy: undefined,
    server: undefined,
    grants: [],
    reason: undefined,
  }
  const server = new EarlyServer(options, context)
  const signal = () => asks.forEach((ask) => ask('SIGTERM'))
  return { server, servers, signal, asks, endedBy }
}

const LIVES_ON = `trap "" TERM HUP INT; exec sleep 60`

it('given a signal before anybody else hears one, kills the server and ends hoopctl by it', async () => {
  const { server, servers, signal, endedBy } = await early(LIVES_ON)
  await server.start(servers)
  signal()
  expect(endedBy).toEqual(['SIGTERM'])
  expect(await server.taken().child?.ended).toEqual({ kind: 'killed', signal: 'SIGKILL' })
})

it('given somebody else who hears signals, leaves the server and hoopctl to them', async () => {
  const { server, servers, signal, endedBy } = await early('read line; exit 7')
  await server.start(servers)
  const { child, heard } = server.taken()
  heard()
  signal()
  child?.stdin.end()
  expect([await child?.ended, endedBy]).toEqual([{ kind: 'exited', code: 7 }, []])
})

it.each([
  { given: 'a server that is taken back', script: LIVES_ON, undone: true },
  { given: 'a server that ended by itself', script: 'exit 0', undone: false },
])('given $given, hears signals no longer', async ({ script, undone }) => {
  const { server, servers, asks } = await early(script)
  await server.start(servers)
  if (undone) server.undo()
  await eventually(() => expect(asks.size).toBe(0))
})
