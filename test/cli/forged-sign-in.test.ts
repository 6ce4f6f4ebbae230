import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../src/cli/context.ts'
import { withDeviceState } from '../../src/cli/device-state.ts'
import { openSignIns } from '../../src/cli/open-sign-ins.ts'
import { RunningSignIn } from '../../src/cli/sign-in-source.ts'
import type { Tokens } from '../../src/identity/tokens.ts'
import { forgedTokens } from '../identity/kept-token.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { SETTINGS, signedIn } from '../identity/signed-in.ts'
import { policyText } from '../policy/a-policy.ts'
import { fakeContext } from './fake-context.ts'
import { type GrantHolder, grantHolder } from './grant-holder.ts'
import { ENV, inBrowser } from './in-browser.ts'

let server: TestProvider
let holder: GrantHolder
let context: Context

beforeAll(async () => {
  server = await startProvider()
})
afterAll(() => server.close())

beforeEach(async () => {
  const identity = `{ issuer: "${server.issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }`
  holder = await grantHolder(policyText(`identity: ${identity}\nrules: [{ allow: { tool: read } }]\n`), {
    going: true,
  })
  const { exitCode, stderr } = await inBrowser(holder, server, ['login', '--browser', '--store', 'file'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  context = fakeContext({ env: { HOOPCTL_HOME: holder.home, ...ENV }, now: () => new Date() }).context
})
afterEach(async () => {
  server.fail(null)
  await holder[Symbol.asyncDispose]()
})

/** Puts tokens where the sign-in is kept, as any program of this user can. */
async function plant(tokens: Tokens): Promise<void> {
  const signIns = await openSignIns(context, null)
  if (signIns === null) throw new Error('nobody has signed in')
  await signIns.keep(tokens)
}

const bob = (more: Partial<Parameters<typeof forgedTokens>[0]> = {}) =>
  forgedTokens({ issuer: server.issuer, ...more })

const REFUSED = {
  kind: 'refused',
  why: 'the provider did not sign what is kept of the sign-in',
  hint: 'run: hoopctl login',
}
const BOB = { claims: { sub: 'bob' } }
const ALICE = { claims: { sub: 'alice' } }

describe('[ATK-FORGED-SIGN-IN] a command, given a kept token that no provider gave', () => {
  const whoami = () => holder.hoopctl(['whoami'], { env: ENV })

  it('and a provider that answers, takes nobody for whom it names, and says what helps', async () => {
    expect(await whoami()).toMatchObject({ exitCode: 0 })
    await plant(bob())
    const { exitCode, stdout, stderr } = await whoami()
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' })
    expect(stderr).toContain(REFUSED.why)
    expect(stderr).toContain('hint: run: hoopctl login')
  })

  it('without a signature, refuses it offline, too; with one, cannot tell', async () => {
    server.fail(503)
    await plant(bob({ header: { alg: 'none' }, signature: '' }))
    expect((await whoami()).exitCode).toBe(4)
    await plant(bob())
    expect((await whoami()).exitCode).toBe(0)
  })
})

describe('[ATK-FORGED-SIGN-IN] a session, given a kept token that no provider gave', () => {
  const settings = () => ({ ...SETTINGS, issuer: server.issuer })
  const running = <T>(work: (source: RunningSignIn) => Promise<T>) =>
    withDeviceState(context, ({ shared }) => work(new RunningSignIn(settings(), shared, context)))
  const told = (source: RunningSignIn) => new Promise<void>((resolve) => void source.onChange(resolve))

  it('goes on without waiting, finds that it is refused, and is told', async () => {
    await plant(bob())
    await running(async (source) => {
      expect(await source.read(settings())).toMatchObject(BOB)
      await told(source)
      expect(await source.read(settings())).toEqual(REFUSED)
      await told(source) // also whoever listens later
    })
  })

  it('later than the first, refuses it before it counts, however often it is changed and put back', async () => {
    await running(async (source) => {
      expect(await source.read(settings())).toMatchObject(ALICE)
      await plant(bob())
      expect(await source.read(settings())).toEqual(REFUSED)
      await plant(bob({ claims: { groups: ['engineering'] } }))
      expect(await source.read(settings())).toEqual(REFUSED)
      await plant(await signedIn(server, 'alice'))
      expect(await source.read(settings())).toMatchObject(ALICE)
      await plant(bob())
      expect(await source.read(settings())).toEqual(REFUSED)
    })
  })

  it('that was let through first, refuses it at once when it comes back', async () => {
    const first = bob()
    await plant(first)
    await running(async (source) => {
      expect(await source.read(settings())).toMatchObject(BOB)
      await told(source)
      await plant(await signedIn(server, 'alice'))
      expect(await source.read(settings())).toMatchObject(ALICE)
      await plant(first)
      expect(await source.read(settings())).toEqual(REFUSED)
    })
  })

  it('and a provider that cannot be reached, goes on, and refuses it once the provider is back', async () => {
    server.fail(503)
    await plant(bob())
    await running(async (source) => {
      expect(await source.read(settings())).toMatchObject(BOB)
      await plant(bob({ claims: { groups: ['engineering'] } }))
      expect(await source.read(settings())).toMatchObject(BOB)
      server.fail(null)
      const heard = told(source)
      await source.read(settings())
      await heard
      expect(await source.read(settings())).toEqual(REFUSED)
    })
  })
})
