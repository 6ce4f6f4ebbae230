import { watch } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { asked, decisions, logsHold } from './asking.ts'
import { type RawClient, rawClient } from './raw-client.ts'
import type { RawServer, RunningServer } from './raw-server.ts'
import { type RawSpaceOptions, rawSpace } from './raw-space.ts'
import type { Workspace } from './workspace.ts'

/** A workspace whose policy asks about each call of the scriptable server. */
export interface HeldSpace extends AsyncDisposable {
  readonly space: Workspace
  readonly server: RawServer
  /** Starts a client of the server in a session of its own. */
  readonly session: () => Promise<Session>
  /** How often the server has received this call, over all sessions. Ask when a mark says that it would have by now. */
  readonly sent: (words?: string) => Promise<number>
  /** Expects sound logs, no approval used twice, and none of the calls that the server got without one. */
  readonly holds: () => Promise<void>
}

/** A client, its shim and its server. */
export interface Session extends AsyncDisposable {
  readonly client: RawClient
  readonly server: RunningServer
  /** Makes the call, and gives back its id in the protocol. */
  readonly call: (words?: string) => Promise<string>
  /** Makes the call and waits until a person is asked: the approval's id, and the call's in the protocol. */
  readonly held: (words?: string) => Promise<{ readonly approval: string; readonly request: string }>
  /** What the client was told: the text of the result, or of the error. */
  readonly told: (request: string) => Promise<{ readonly isError: boolean; readonly text: string }>
  /** Waits until all that was sent to the shim before has been taken in, and has reached the server if it ever does. */
  readonly caughtUp: () => Promise<void>
  /** Kills hoopctl as nobody can prevent, and waits until it and its server are gone. */
  readonly kill: () => Promise<void>
}

export interface HeldOptions extends RawSpaceOptions {
  /** What the rule wants. */
  readonly approval?: Readonly<Record<string, unknown>>
}

/** Makes a workspace where each call of `echo` is asked about. */
export async function heldSpace({ approval = {}, ...options }: HeldOptions = {}): Promise<HeldSpace> {
  const rules = [{ ask: { tool: 'echo' }, approval }]
  const raw = await rawSpace({ rules, ...options })
  const { space, server } = raw
  let sessions = 0
  const calls = async (what: string) => {
    const first = await server.started()
    const lines = (await first.bytes()).toString().split('\n')
    return lines.filter((line) => line.includes('"tools/call"') && line.includes(what)).length
  }
  return {
    space,
    server,
    session: async () => {
      const client = rawClient(space.wrap('raw'), space)
      await client.initialize()
      sessions += 1
      return sessionOf(client, await server.started(sessions))
    },
    sent: (words = 'x') => calls(argumentsOf(words)),
    holds: async () => {
      await logsHold(space) // which checks each receipt again
      const allowed = (await decisions(space)).filter(({ effect }) => effect === 'allow')
      const used = new Set(allowed.map(({ approval }) => approval))
      expect([used.size, used.has(null)]).toEqual([allowed.length, false])
      expect(await calls('')).toBeLessThanOrEqual(used.size) // recorded first, and perhaps killed then
    },
    [Symbol.asyncDispose]: () => raw[Symbol.asyncDispose](),
  }
}

let requests = 0

function sessionOf(client: RawClient, server: RunningServer): Session {
  let questions = 0
  const call = async (words = 'x') => {
    const id = `call-${++requests}`
    const params = `"params":{"name":"echo","arguments":${argumentsOf(words)}}`
    await client.write(`{"jsonrpc":"2.0","id":"${id}","method":"tools/call",${params}}\n`)
    return id
  }
  return {
    client,
    server,
    call,
    held: async (words) => {
      const request = await call(words)
      return { request, approval: await asked(client.stderr, ++questions) }
    },
    told: async (request) => {
      const { result, error } = await client.answer(request)
      if (error !== undefined) return { isError: true, text: error.message }
      return { isError: result?.['isError'] === true, text: JSON.stringify(result?.['content']) }
    },
    caughtUp: async () => void (await client.request('ping')),
    kill: async () => {
      client.child.kill('SIGKILL')
      await client.exited
      await server.gone // what was on its way has arrived
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

function argumentsOf(words: string): string {
  return `{"words":"${words}"}`
}

/** Calls back the moment that any process of this workspace changes the shared state; the next `times` times. */
export function onBell(space: Workspace, call: () => void, times = 1): void {
  let left = times
  const watcher = watch(join(space.home, 'run'), (_event, name) => {
    if (name !== 'bell' || left === 0) return
    left -= 1
    call()
  })
  onTestFinished(() => watcher.close())
}
