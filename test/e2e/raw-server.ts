import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Inbox, lineSplitter } from './inbox.ts'
import { fixture, NODE } from './repo.ts'
import type { ServerEntry } from './workspace.ts'

/** What a raw server says of itself when it has started. */
export interface Hello {
  readonly pid: number
  readonly ppid: number
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly argv: readonly string[]
}

/** One running process of the scriptable server (test/fixtures/raw-server.mjs lists the commands). */
export interface RunningServer extends Hello {
  /** Lines that the server received, without their LF. */
  readonly received: Inbox<string>
  /** Makes the server do something, and returns once it has. */
  readonly tell: (command: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>
  /** Makes the server write one message as a line. */
  readonly send: (message: unknown) => Promise<void>
  /** Every byte that it received, from the file that it keeps. */
  readonly bytes: () => Promise<Buffer>
  /** The process has ended, however. */
  readonly gone: Promise<void>
}

/** The test's side of the scriptable server: it listens, and each process that is started reports to it. */
export interface RawServer extends AsyncDisposable {
  /** What stands in the policy. */
  readonly entry: ServerEntry
  readonly processes: Inbox<RunningServer>
  /** Returns the process that was started as the nth (from 1). */
  readonly started: (nth?: number) => Promise<RunningServer>
}

/** Listens for processes of the scriptable server. `directory` must exist; flags go to the fixture. */
export async function rawServer(directory: string, ...flags: string[]): Promise<RawServer> {
  const home = join(directory, `raw-${process.hrtime.bigint().toString(36)}`)
  await mkdir(home)
  const socketPath = join(home, 's')
  const processes = new Inbox<RunningServer>('the servers')
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // a server that was killed: `gone` tells
    greet(socket, home, (running) => processes.push(running))
  })
  listener.listen(socketPath)
  await once(listener, 'listening')
  return {
    entry: { run: { command: NODE, args: [fixture('raw-server.mjs'), home, ...flags] } },
    processes,
    started: async (nth = 1) => {
      const running = (await processes.count(nth))[nth - 1]
      if (running === undefined) throw new Error('unreachable: so many were counted')
      return running
    },
    [Symbol.asyncDispose]: () => closed(listener, sockets),
  }
}

function greet(socket: Socket, home: string, announce: (running: RunningServer) => void): void {
  const said = new Inbox<string>('the control socket')
  const received = new Inbox<string>('the server')
  socket.on('data', lineSplitter(said))
  const gone = once(socket, 'close').then(() => {
    said.close()
    received.close()
  })
  let commands = 0
  const tell = async (command: Readonly<Record<string, unknown>>) => {
    const id = ++commands
    socket.write(`${JSON.stringify({ id, ...command })}\n`)
    return asRecord(await said.find((line) => asRecord(line)['done'] === id))
  }
  const push = said.push.bind(said)
  said.push = (line) => {
    const report = asRecord(line)
    if (typeof report['received'] === 'string') received.push(report['received'])
    else if ('hello' in report) announce({ ...(report['hello'] as Hello), ...running })
    else push(line)
  }
  const running = {
    received,
    tell,
    gone,
    send: async (message: unknown) => {
      await tell({ write: Buffer.from(`${JSON.stringify(message)}\n`).toString('base64') })
    },
    bytes: () => readFile(join(home, 'received')),
  }
}

async function closed(listener: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  listener.close()
  await once(listener, 'close')
}

function asRecord(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
