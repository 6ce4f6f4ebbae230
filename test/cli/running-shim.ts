import { PassThrough } from 'node:stream'
import { vi } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { eventually } from '../eventually.ts'
import { fakeContext } from './fake-context.ts'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: Readonly<Record<string, unknown>>
}

/** A shim that runs in this process, so that its hours can pass in no time, and the client in front of it. */
export interface RunningShim extends AsyncDisposable {
  /** The names of the tools that the client is shown. */
  tools(): Promise<readonly string[]>
  /** Calls a tool; null: it was done, else why not. */
  call(name: string, args: object): Promise<string | null>
  /** How often the client was told that its tools are other ones. */
  told(): number
}

/** Lets time stand still, for clocks and timers, until `vi.advanceTimersByTimeAsync`. */
export function stopTime(): void {
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    now: new Date(),
  })
}

/** Runs `wrap notes`, and connects to it. */
export async function runningShim(env: Readonly<Record<string, string>>): Promise<RunningShim> {
  const stdin = new PassThrough()
  const { context, stdout } = fakeContext({ env, now: () => new Date() })
  const ended = run(['wrap', 'notes'], { ...context, stdin })
  let ids = 0
  const send = (message: object) => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const said = () =>
    stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message) // what the shim writes for clients
  const ask = (method: string, params: object) => {
    ids += 1
    const id = ids
    send({ id, method, params })
    return eventually(() => {
      const answer = said().find((one) => one.id === id && one.method === undefined)
      if (answer === undefined) throw new Error(`${method} was not answered`)
      if (answer.result === undefined) throw new Error(JSON.stringify(answer))
      return answer.result
    })
  }
  const clientInfo = { name: 'test', version: '1' }
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  send({ method: 'notifications/initialized' })
  return {
    tools: async () => ((await ask('tools/list', {}))['tools'] as { name: string }[]).map(({ name }) => name),
    call: async (name, args) => {
      const { isError, content } = await ask('tools/call', { name, arguments: args })
      return isError === true ? JSON.stringify(content) : null
    },
    told: () => said().filter(({ method }) => method === 'notifications/tools/list_changed').length,
    [Symbol.asyncDispose]: async () => {
      stdin.end()
      await ended
    },
  }
}
