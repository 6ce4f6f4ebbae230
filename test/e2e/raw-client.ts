import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Inbox, lineSplitter } from './inbox.ts'
import type { Program, Workspace } from './workspace.ts'

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A JSON-RPC answer. */
export interface Answer {
  readonly jsonrpc: '2.0'
  readonly id: string | number | null
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** A client that sends exactly the bytes it is told to send, and keeps every line that comes back. */
export interface RawClient extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  /** The lines of stdout, without their LF. */
  readonly lines: Inbox<string>
  readonly stderr: Inbox<string>
  /** Bytes of stdout, all of them. */
  readonly stdout: () => Buffer
  /** Writes bytes as they are and waits until the process has taken them. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>
  /** Writes a message as one line. */
  readonly send: (message: unknown) => Promise<void>
  /** Returns the answer to the request with this id, which may have come already. */
  readonly answer: (id: string | number | null) => Promise<Answer>
  /** Sends a request and returns its answer. */
  readonly request: (method: string, params?: unknown) => Promise<Answer>
  /** Does the handshake of 2025-11-25. */
  readonly initialize: () => Promise<Answer>
  /** Closes stdin and returns how the process ended. */
  readonly end: () => Promise<Exit>
  readonly exited: Promise<Exit>
}

export interface RawClientOptions {
  /** The whole environment; absent: the workspace's. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Starts a program and speaks to it in bytes. */
export function rawClient(program: Program, space: Workspace, options: RawClientOptions = {}): RawClient {
  const { cwd = space.root, env = space.env } = options
  const child = spawn(program.command, [...program.args], { cwd, env: { ...env } })
  const stderr = new Inbox<string>('stderr')
  const lines = new Inbox<string>('stdout', () => `and stderr ${JSON.stringify(stderr.all)}`)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stdout.on('data', lineSplitter(lines)).on('end', () => lines.close())
  child.stderr.on('data', lineSplitter(stderr)).on('end', () => stderr.close())
  child.stdin.on('error', () => {}) // a process that ended first shows in `exited`
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }))
  const write = (bytes: string | Uint8Array) =>
    new Promise<void>((resolve) => {
      child.stdin.write(bytes, () => resolve())
    })
  const send = (message: unknown) => write(`${JSON.stringify(message)}\n`)
  const answer = async (id: string | number | null) =>
    parsed(await lines.find((line) => isAnswerTo(line, id)))
  let requests = 0
  const request = async (method: string, params?: unknown) => {
    const id = `raw-${++requests}`
    await send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })
    return answer(id)
  }
  return {
    child,
    lines,
    stderr,
    exited,
    stdout: () => Buffer.concat(chunks),
    write,
    send,
    answer,
    request,
    initialize: async () => {
      const clientInfo = { name: 'raw', version: '1.0.0' }
      const answered = await request('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo,
      })
      await send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      return answered
    },
    end: () => {
      child.stdin.end()
      return exited
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function isAnswerTo(line: string, id: string | number | null): boolean {
  const message = parsed(line)
  return message.id === id && ('result' in message || 'error' in message)
}

// Whatever stands on stdout must be a message: what is none fails the test here.
function parsed(line: string): Answer {
  const message: unknown = JSON.parse(line)
  if (typeof message !== 'object' || message === null) throw new Error(`no message: ${line}`)
  return message as Answer
}
