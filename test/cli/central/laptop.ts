import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import type { ManagedLock } from '../../../src/cli/managed-lock.ts'
import { type CentralParts, policyFor, type WrapPolicy } from '../../../src/cli/policy-for.ts'
import { run } from '../../../src/cli/run.ts'
import { fakeContext } from '../fake-context.ts'
import type { Outcome } from '../hoopctl.ts'

/** A person's machine, on which commands run in this process; its clock goes when it is told to. */
export interface Laptop extends AsyncDisposable {
  readonly home: string
  /** What its clock says. */
  clock: Date
  /** What an administrator fixed. */
  lock: ManagedLock | null
  /** Runs a command; `typed` is what a person types at its terminal. */
  hoopctl(args: readonly string[], typed?: string): Promise<Outcome>
  /** Runs `wrap`; a client sends it these lines, and closes. */
  client(words: readonly string[], lines: readonly string[]): Promise<Outcome>
  /** Runs `wrap` for a client that goes on talking. */
  talk(words: readonly string[]): Talk
  /** Asks for the policy as `wrap` does; `told` is what the person was told. */
  wrap(asked?: Asked, parts?: Partial<CentralParts>): Promise<{ policy: WrapPolicy; told: string[] }>
}

/** A client that runs. */
export interface Talk {
  say(...lines: readonly string[]): void
  /** Sends this as it is: a part of a line. */
  send(text: string): void
  /** What it was told so far. */
  readonly heard: () => string
  readonly stderr: () => string
  /** Closes its side. */
  end(): Promise<number>
}

interface Asked {
  readonly policy?: string
  readonly command?: readonly string[]
  readonly server?: string
}

/** Makes a Laptop whose environment holds these variables. */
export async function laptop(env: Readonly<Record<string, string>> = {}): Promise<Laptop> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-laptop-')))
  const state = { clock: new Date('2026-11-21T09:00:00Z'), lock: null as ManagedLock | null }
  const fake = (typed?: string) =>
    fakeContext({
      env: { HOOPCTL_HOME: home, ...env },
      workingDirectory: home,
      terminal: typed !== undefined,
      input: typed ?? '',
      now: () => new Date(state.clock),
      managed: () => state.lock,
    })
  return {
    home,
    get clock() {
      return state.clock
    },
    set clock(clock) {
      state.clock = clock
    },
    get lock() {
      return state.lock
    },
    set lock(lock) {
      state.lock = lock
    },
    async hoopctl(args, typed) {
      const { context, ...seen } = fake(typed)
      await run(args, context)
      return { exitCode: seen.exitCode(), stdout: seen.stdout(), stderr: seen.stderr() }
    },
    async client(words, lines) {
      const { context, ...seen } = fake()
      // As a pipe gives them: bytes.
      const stdin = Readable.from([Buffer.from(lines.map((line) => `${line}\n`).join(''))])
      await run(['wrap', ...words], { ...context, stdin })
      return { exitCode: seen.exitCode(), stdout: seen.stdout(), stderr: seen.stderr() }
    },
    talk(words) {
      const { context, ...seen } = fake()
      const stdin = new PassThrough()
      const over = run(['wrap', ...words], { ...context, stdin })
      return {
        send: (text) => void stdin.write(text),
        say: (...lines) => void stdin.write(lines.map((line) => `${line}\n`).join('')),
        heard: seen.stdout,
        stderr: seen.stderr,
        end: async () => {
          stdin.end()
          await over
          return seen.exitCode()
        },
      }
    },
    async wrap({ policy, command, server } = {}, parts = {}) {
      const told: string[] = []
      const asked = { policy, command: command ?? null, server }
      const found = await policyFor(asked, fake().context, { tell: (line) => told.push(line), ...parts })
      return { policy: found, told }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}
