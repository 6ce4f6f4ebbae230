import { PassThrough, Readable } from 'node:stream'
import { type Context, createContext } from '../../src/cli/context.ts'
import type { Managed } from '../../src/cli/managed-lock.ts'

/** A Context without a process around it, and what was written to it. */
export interface Fake {
  readonly context: Context
  readonly stdout: () => string
  readonly stderr: () => string
  readonly exitCode: () => number
}

interface FakeWorld {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Is there a person at a terminal? */
  readonly terminal?: boolean
  /** How wide is it? */
  readonly width?: number
  /** How many rows has it? Absent: it does not say. */
  readonly rows?: number
  readonly workingDirectory?: string
  /** What the clock says; absent: it stands still. */
  readonly now?: () => Date
  readonly managed?: Managed
}

/** Builds a fake Context; its time stands still at 2026-11-21T09:14:07Z. */
export function fakeContext(world: FakeWorld = {}): Fake {
  const { input = '', env = {}, terminal = false, width = 80, workingDirectory = '/' } = world
  const [stdout, stderr] = [collector(terminal, width, world.rows), collector(terminal, width, world.rows)]
  let exitCode = 0
  const context = createContext({
    stdin: Object.assign(Readable.from([input]), { isTTY: terminal }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    now: world.now ?? (() => new Date('2026-11-21T09:14:07Z')),
    version: '0.0.0-test',
    launcher: ['/usr/bin/node', '/opt/hoopctl/bin/hoopctl.js'],
    workingDirectory,
    platform: 'linux',
    homeDirectory: () => '/nonexistent',
    managed: world.managed ?? (() => null),
    onSignal: () => () => undefined,
    endBy: () => undefined,
    setExitCode: (code) => {
      exitCode = code
    },
  })
  return { context, stdout: stdout.text, stderr: stderr.text, exitCode: () => exitCode }
}

function collector(isTTY: boolean, width: number, rows?: number) {
  let text = ''
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY,
    ...(isTTY && { columns: width, ...(rows !== undefined && { rows }) }),
  })
  stream.on('data', (chunk: string) => {
    text += chunk
  })
  return { stream, text: () => text }
}
