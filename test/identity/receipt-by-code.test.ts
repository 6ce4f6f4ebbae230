import { expect, it } from 'vitest'
import { signInByDevice } from '../../src/identity/device-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { startHostileProvider, type Lie } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'

const RECEIPT = { nonce: 'n'.repeat(64), sub: 'alice' }
const seconds = () => Math.floor(Date.now() / 1000)

/** Signs in with a code for a receipt, at a provider that says this of it. */
async function receipt(claims: NonNullable<Lie['claims']>) {
  await using server = await startHostileProvider({ claims })
  const tokens = await signInByDevice({
    settings: { clientId: 'hoopctl', scopes: [] },
    provider: await discoverProvider(server.issuer, loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(),
    wait: () => Promise.resolve(),
    show: () => undefined,
    receipt: RECEIPT,
  })
  return tokens.claims
}

it('given a provider that repeats the nonce of a fresh sign-in, gives its token', async () => {
  const said = { nonce: RECEIPT.nonce, auth_time: seconds() }
  expect(await receipt((honest) => ({ ...honest, ...said }))).toMatchObject({ ...said, sub: 'alice' })
})

it.each<[string, NonNullable<Lie['claims']>, RegExp]>([
  [
    'does not repeat the nonce',
    ({ nonce: _, ...honest }) => ({ ...honest, auth_time: seconds() }),
    /no `nonce`/,
  ],
  ['repeats another', (honest) => ({ ...honest, nonce: 'm', auth_time: seconds() }), /another question/],
  [
    'does not say when',
    (honest) => ({ ...honest, nonce: RECEIPT.nonce, auth_time: undefined }),
    /`auth_time`/,
  ],
  [
    'asked nobody',
    (honest) => ({ ...honest, nonce: RECEIPT.nonce, auth_time: seconds() - 600 }),
    /sign in anew/,
  ],
  [
    'asked another person',
    (honest) => ({ ...honest, nonce: RECEIPT.nonce, auth_time: seconds(), sub: 'bob' }),
    /another person/,
  ],
])('given a provider that %s, refuses its token', async (_title, claims, why) => {
  await expect(receipt(claims)).rejects.toThrow(why)
})
