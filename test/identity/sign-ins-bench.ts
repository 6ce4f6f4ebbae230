import { afterEach, vi } from 'vitest'
import { SignIns, type SignInsOptions } from '../../src/identity/sign-ins.ts'
import { accountOf } from '../../src/identity/tokens.ts'
import { aHome, partsIn } from './a-token-store.ts'
import { startProvider } from './provider.ts'
import { SETTINGS, signedIn } from './signed-in.ts'

afterEach(() => void vi.restoreAllMocks())

/** A provider, a home in which alice is signed in, and a clock that the test moves for both. */
export async function bench(change: Partial<SignInsOptions> = {}) {
  const server = await startProvider({ idTokenSeconds: 24 * 3600 }) // some tests move the clock by half a day
  const home = aHome()
  let elapsed = 0
  const real = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => real() + elapsed)
  const parts = { ...partsIn(home.directory, () => new Date(Date.now())), ...change }
  const settings = { ...SETTINGS, issuer: server.issuer }
  const signIns = new SignIns(parts)
  await signIns.keep(await signedIn(server, 'alice'))
  return {
    server,
    settings,
    signIns,
    parts,
    pass: (ms: number) => {
      elapsed += ms
    },
    refreshes: () => server.grants.get('refresh_token') ?? 0,
    entry: () => parts.store.get(accountOf(settings)),
    [Symbol.asyncDispose]: async () => {
      home[Symbol.dispose]()
      await server.close()
    },
  }
}

/** What `bench` gives. */
export type Bench = Awaited<ReturnType<typeof bench>>
