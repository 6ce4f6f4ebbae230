import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTokenStore } from '../../src/identity/choose-token-store.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { type HostileProvider, type Lie, startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'
import { runDeviceFlow } from './signed-in.ts'
import { startSilentBus } from './silent-bus.ts'
import { surroundings } from './store-surroundings.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.catch((failure: unknown) => failure)

it('given a keychain that says nothing, wrap waits for it for 3 s, and no longer', async () => {
  const silent = await startSilentBus()
  onTestFinished(silent.stop)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const store = openTokenStore({ store: 'keychain', bus: silent.bus }, surroundings())
  let isOver = false
  const failure = failureOf(store.get('an account')).finally(() => {
    isOver = true
  })
  await silent.connected
  await vi.advanceTimersByTimeAsync(2999)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver).toBe(true)
  expect(await failure).toMatchObject({
    code: 'KEYCHAIN',
    message: 'the keychain did not answer within 3 s; it may be locked and waiting for a person',
  })
})

/** The limits that are set from now on; time is over for the last of them when the test says so. */
function limits(): { readonly ms: number[]; readonly pass: () => void } {
  const ms: number[] = []
  let last = new AbortController()
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((limitMs) => {
    ms.push(limitMs)
    last = new AbortController()
    return last.signal
  })
  return { ms, pass: () => last.abort(new DOMException('time is over', 'TimeoutError')) }
}

const DOORS = [
  { door: 'discovery', ask: (at: HostileProvider) => discoverProvider(at.issuer, loopbackHttp) },
  {
    door: 'device',
    ask: async (at: HostileProvider) => (await runDeviceFlow(at, async () => undefined)).tokens,
  },
] as const

describe.each(DOORS)('a provider that is asked for its $door', ({ door, ask }) => {
  it('given that it says nothing, has 15 s, and then people are told', async () => {
    const set = limits()
    const reply = () => set.pass() // it was asked, and time passes
    await using server = await startHostileProvider({ at: door, reply })
    expect(await failureOf(ask(server))).toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${new URL(server.issuer).host}\` did not answer within 15 s`,
    })
    expect([...new Set(set.ms)]).toEqual([15_000])
  })

  it.each([
    { failures: 2, knocks: 3, becomes: 'until it answers' },
    { failures: 9, knocks: 3, becomes: 'three times, and then people are told' },
  ])('given $failures failures in a row, is asked $becomes', async ({ failures, knocks }) => {
    await using server = await startHostileProvider()
    server.lie = failing(server, door, failures)
    const asked = () => server.asked.filter((path) => path === PATHS[door]).length
    const outcome = await failureOf(ask(server))
    expect(asked()).toBe(knocks)
    const unreachable = expect.objectContaining({
      code: 'UNREACHABLE',
      message: expect.stringContaining('cannot answer now (503)'),
    })
    expect(outcome).toEqual(
      failures < knocks ? expect.not.objectContaining({ code: 'UNREACHABLE' }) : unreachable,
    )
  })
})

const PATHS = { discovery: '/.well-known/openid-configuration', device: '/device' }

/** Answers so often with a failure, then honestly. */
function failing(server: HostileProvider, at: keyof typeof PATHS, failures: number): Lie {
  let left = failures
  return {
    at,
    reply: (response) => {
      left -= 1
      if (left === 0) server.lie = {}
      response.writeHead(503).end()
    },
  }
}
