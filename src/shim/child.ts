import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Command } from './command.ts'

/** How a server ended: with a code of its own, or by a signal. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }

/** The wrapped server: a process in a group of its own. */
export interface Child {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the process runs, with null, or when it cannot, with the reason. */
  readonly started: Promise<string | null>
  /** Settles when the process has ended and its last output was read; never where it did not start. */
  readonly ended: Promise<Ending>
  /** Lets it finish: closes its stdin, after `patienceMs` sends SIGTERM to its group, 1.5 s later SIGKILL. */
  stop(patienceMs: number): void
  /** Ends it at once: it has been sent nothing and is not to run. */
  kill(): void
}

const TERM_PATIENCE_MS = 1500

/** Starts a server without a shell; null where its command does not exist. Any other failure is told by `started`. */
export function startChild(command: Command): Child | null {
  if (command.file === null) return null
  const process_ = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that what it starts ends with it
  })
  const { stdin, stdout, stderr } = process_
  // Writing to a server that has gone is no failure of ours: its end is told by `ended`.
  stdin.on('error', () => undefined)
  let timer: NodeJS.Timeout | undefined
  const started = new Promise<string | null>((resolve) => {
    process_.once('spawn', () => resolve(null))
    process_.once('error', (failure: NodeJS.ErrnoException) => resolve(whyNot(failure, command)))
  })
  let over = false
  const ended = endingOf(process_, () => {
    over = true
    clearTimeout(timer)
  })
  const stop = (patienceMs: number) => {
    if (over) return
    clearTimeout(timer)
    stdin.end()
    timer = setTimeout(() => {
      signalGroup(process_.pid, 'SIGTERM')
      timer = setTimeout(() => signalGroup(process_.pid, 'SIGKILL'), TERM_PATIENCE_MS)
    }, patienceMs)
  }
  const kill = () => {
    signalGroup(process_.pid, 'SIGKILL')
    for (const stream of [stdin, stdout, stderr]) stream.destroy() // what has left the group must not hold us by them
  }
  return { stdin, stdout, stderr, started, ended, stop, kill }
}

// The file was there a moment ago, so what is missing is what its first line names.
function whyNot({ code, message }: NodeJS.ErrnoException, { file }: Command): string {
  return code === 'ENOENT' ? `the interpreter that the first line of \`${file}\` names is not there` : message
}

function endingOf(
  process_: ChildProcessByStdio<Writable, Readable, Readable>,
  done: () => void,
): Promise<Ending> {
  return new Promise((resolve) => {
    let forced: NodeJS.Timeout | undefined
    // Its own end is not the end of what it started, and that may hold its output open.
    process_.once('exit', () => {
      signalGroup(process_.pid, 'SIGTERM')
      forced = setTimeout(() => signalGroup(process_.pid, 'SIGKILL'), TERM_PATIENCE_MS)
    })
    process_.once('close', (code, signal) => {
      clearTimeout(forced)
      done()
      signalGroup(process_.pid, 'SIGKILL')
      resolve(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal })
    })
  })
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: the whole group has ended already
  }
}

/** Says how a server ended, for people. */
export function describeEnding(ending: Ending): string {
  return ending.kind === 'exited' ? `exit code ${ending.code}` : `signal ${ending.signal}`
}
