import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Context } from '../../src/cli/context.ts'
import { withDeviceState } from '../../src/cli/device-state.ts'
import { RunningSignIn } from '../../src/cli/sign-in-source.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { SETTINGS } from '../identity/signed-in.ts'
import { policyText } from '../policy/a-policy.ts'
import { fakeContext } from './fake-context.ts'
import { type GrantHolder, grantHolder } from './grant-holder.ts'
import { inBrowser } from './in-browser.ts'

const ALICE = { claims: { sub: 'alice' } }

let server: TestProvider
let holder: GrantHolder
let context: Context
let elapsed = 0

beforeEach(async () => {
  elapsed = 0
  server = await startProvider({ idTokenSeconds: 24 * 3600 })
  const identity = `{ issuer: "${server.issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }`
  holder = await grantHolder(policyText(`identity: ${identity}\nrules: [{ allow: { tool: read } }]\n`), {
    going: true,
  })
  const quick = { HOOPCTL_PASSPHRASE: '' } // a key that is made of a passphrase takes a while, each time
  await inBrowser(holder, server, ['login', '--browser', '--store', 'file'], { env: quick })
  const env = { HOOPCTL_HOME: holder.home }
  context = fakeContext({ env, now: () => new Date(Date.now()) }).context
  const start = Date.now() // from here on time passes when the test says so
  vi.spyOn(Date, 'now').mockImplementation(() => start + elapsed)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await holder[Symbol.asyncDispose]()
  await server.close()
})

interface Listening {
  readonly source: RunningSignIn
  /** Lets so much time pass, and waits until the source has asked and told of it. */
  readonly passAndHear: (ms: number) => Promise<void>
}

/** Listens to who is signed in, as a session does, under a policy whose claims count for so long at first. */
function listening(maxAgeMs: number, work: (listening: Listening) => Promise<void>): Promise<void> {
  const settings = { ...SETTINGS, issuer: server.issuer, maxAgeMs }
  return withDeviceState(context, async ({ shared }) => {
    const source = new RunningSignIn(settings, shared, context)
    await source.read(settings)
    let hear = (): void => undefined
    const stop = source.onChange(() => hear())
    const passAndHear = async (ms: number) => {
      const heard = new Promise<void>((resolve) => {
        hear = resolve
      })
      elapsed += ms
      vi.advanceTimersByTime(ms)
      await heard
    }
    await work({ source, passAndHear })
    stop()
  })
}

describe('a session', () => {
  it.each([
    ['20 s', 20_000],
    ['1 min', 60_000],
  ])(
    'given a `maxAge` of %s, renews in time, and so is never without its person',
    async (_given, maxAgeMs) => {
      const settings = { ...SETTINGS, issuer: server.issuer, maxAgeMs }
      await listening(maxAgeMs, async ({ source, passAndHear }) => {
        const seen: unknown[] = []
        for (let times = 0; times < 16; times++) {
          await passAndHear(maxAgeMs / 8)
          seen.push(await source.read(settings))
        }
        const alice: unknown = expect.objectContaining({ sub: 'alice' })
        expect(seen).toEqual(Array(16).fill(expect.objectContaining({ claims: alice })))
      })
      expect(server.grants.get('refresh_token')).toBe(4)
    },
  )

  it('given a policy that shortens `maxAge` to 20 s, asks as often from then on', async () => {
    await listening(SETTINGS.maxAgeMs, async ({ source, passAndHear }) => {
      const settings = { ...SETTINGS, issuer: server.issuer, maxAgeMs: 20_000 }
      expect(await source.read(settings)).toMatchObject(ALICE)
      for (let times = 0; times < 8; times++) await passAndHear(2500)
      expect(await source.read(settings)).toMatchObject(ALICE)
    })
    expect(server.grants.get('refresh_token')).toBe(2)
  })
})
