import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { answerOneRequest, type KeychainReply, type KeychainRequest } from './keychain-child.ts'

/** Which keychain, and how long to wait for it. */
export interface KeychainCall {
  /** The address of the session bus that it is on; null on macOS, where there is one for each user. */
  readonly bus: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
}

/** What a keychain answered, or that it did not. */
export type KeychainOutcome = KeychainReply | { readonly ok: false; readonly failure: 'silent' }

/**
 * Puts one request to the operating system's keychain, in a process of our own that is killed when its time is up or when this
 * one ends. A keychain that waits for a person holds the thread that calls it, and a thread cannot be ended: *seen*,
 * `worker.terminate()` and even `process.exit()` then wait for ever.
 */
export async function askKeychain(
  request: Omit<KeychainRequest, 'addon'>,
  { bus, env, timeoutMs }: KeychainCall,
): Promise<KeychainOutcome> {
  const addon = addonFile()
  if (addon === null) return { ok: false, failure: 'absent', why: '@napi-rs/keyring is not installed' }
  // The request goes through a pipe: arguments can be read by every user of the machine.
  const child = spawn(process.execPath, ['-e', `(${answerOneRequest.toString()})()`], {
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    env: childEnvironment(env, bus),
  })
  try {
    return await answerOf(child, { addon, ...request }, timeoutMs)
  } finally {
    child.kill('SIGKILL')
  }
}

function answerOf(
  child: ChildProcess,
  request: KeychainRequest,
  timeoutMs: number,
): Promise<KeychainOutcome> {
  const { promise, resolve } = Promise.withResolvers<KeychainOutcome>()
  const failed = (why: string): void => resolve({ ok: false, failure: 'absent', why })
  const timer = setTimeout(() => resolve({ ok: false, failure: 'silent' }), timeoutMs)
  child.once('message', (reply) => resolve(reply as KeychainReply)) // sent by keychain-child.ts, and by nobody else
  child.once('error', (error) => failed(error.message))
  child.once('exit', (code, signal) => failed(`the process that asks it ended (${signal ?? code})`))
  child.send(request, (error) => {
    if (error !== null) failed(error.message)
  })
  return promise.finally(() => clearTimeout(timer))
}

// Where the package is left out, or has nothing for this machine, there is no keychain: that is no failure of ours.
function addonFile(): string | null {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring')
  } catch {
    return null
  }
}

function childEnvironment(env: KeychainCall['env'], bus: string | null): Record<string, string> {
  const own = ['HOME', 'LOGNAME', 'USER'].flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(own), ...(bus === null ? {} : { DBUS_SESSION_BUS_ADDRESS: bus }) }
}
