import { expect, it } from 'vitest'
import type { HttpClient } from '../../src/http.ts'
import { signInByBrowser } from '../../src/identity/browser-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { refreshTokens } from '../../src/identity/refresh.ts'
import { revokeTokens } from '../../src/identity/revoke.ts'
import { verifyIdToken } from '../../src/identity/verify-id-token.ts'
import { Secret } from '../../src/secret.ts'
import { type HostileProvider, type Lie, startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'
import { LIES } from './lies.ts'
import { runDeviceFlow, SETTINGS } from './signed-in.ts'

// One lie is never to answer: what ends the wait is the limit, here a short one.
const impatient: HttpClient = (url, request) => loopbackHttp(url, { ...request, timeoutMs: 2000 })

async function signIn(server: HostileProvider) {
  const run = await runDeviceFlow(server, async () => undefined, { http: impatient })
  return run.tokens
}

it('given a provider that does not lie, signs in', async () => {
  await using server = await startHostileProvider()
  expect(await signIn(server)).toMatchObject({ claims: { sub: 'alice' }, issuer: server.issuer })
})

it.each(LIES)('[ATK-FORGED-TOKEN] given $given, refuses in its own words', async ({ lie, words, code }) => {
  await using server = await startHostileProvider(lie)
  const refusal: unknown = await signIn(server).catch((error: unknown) => error)
  expect(refusal).toMatchObject({
    code: code ?? 'SIGN_IN_FAILED',
    message: expect.stringContaining(words),
    hint: expect.stringMatching(/./),
  })
  // Neither it nor what it came from repeats a token.
  const { message, cause } = refusal as Error
  expect(`${message} ${String(cause)}`).not.toMatch(/eyJ|[\w-]{60}/)
})

it('given lies, there are at least 25, no two of one name', () => {
  expect(LIES.length).toBeGreaterThanOrEqual(25)
  expect(new Set(LIES.map(({ given }) => given)).size).toBe(LIES.length)
})

const without = (endpoint: string): Lie => ({ metadata: (honest) => ({ ...honest, [endpoint]: undefined }) })

it('given a provider without device flow, says what to type', async () => {
  await using server = await startHostileProvider(without('device_authorization_endpoint'))
  await expect(signIn(server)).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    hint: 'run: hoopctl login --browser',
  })
})

it('given a provider without sign-in by browser, says what to type', async () => {
  await using server = await startHostileProvider(without('authorization_endpoint'))
  await expect(byBrowser(server, false)).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    hint: 'run: hoopctl login --device',
  })
})

it('given a provider that cannot revoke, says that tokens run out by themselves', async () => {
  await using server = await startHostileProvider()
  const { refreshToken } = await signIn(server)
  const provider = await discoverProvider(server.issuer, impatient)
  const client = { provider, clientId: 'hoopctl', http: impatient, now: () => new Date() }
  await expect(
    revokeTokens({ ...client, refreshToken: refreshToken ?? new Secret('') }),
  ).rejects.toMatchObject({
    message: expect.stringContaining('they run out by themselves'),
  })
})

it('given an address of the device page in the spelling of Google, shows it', async () => {
  await using server = await startHostileProvider({
    device: ({ verification_uri: uri, ...honest }) => ({ ...honest, verification_url: uri }),
  })
  const run = await runDeviceFlow(server, async () => undefined, { http: impatient })
  await run.tokens
  expect(run.shown).toMatchObject([{ verificationUri: `${server.issuer}/verify` }])
})

it('given no new refresh token when renewing, keeps the old one', async () => {
  await using server = await startHostileProvider()
  const tokens = await signIn(server)
  const { refreshToken } = tokens
  if (refreshToken === null) throw new Error('the provider gave no refresh token')
  server.lie = { answer: (honest) => ({ ...honest, refresh_token: undefined }) }
  const provider = await discoverProvider(server.issuer, impatient)
  const now = () => new Date()
  const onRotated = async () => {
    throw new Error('there is none')
  }
  const refreshed = await refreshTokens({ tokens, refreshToken, provider, http: impatient, now, onRotated })
  expect(refreshed).toMatchObject({ kind: 'renewed', tokens: { refreshToken, claims: { sub: 'alice' } } })
})

const seconds = () => Math.floor(Date.now() / 1000)

it.each<{ given: string; lie: Lie }>([
  {
    given: 'that expired 50 seconds ago',
    lie: { claims: (honest) => ({ ...honest, exp: seconds() - 50, iat: seconds() - 100 }) },
  },
  {
    given: 'of a clock 50 seconds ahead',
    lie: { claims: (honest) => ({ ...honest, iat: seconds() + 50, nbf: seconds() + 50 }) },
  },
  {
    given: 'that says it was issued six minutes ago',
    lie: { claims: (honest) => ({ ...honest, iat: seconds() - 360, nbf: seconds() - 360 }) },
  },
  {
    given: 'for several, given to us',
    lie: { claims: (honest) => ({ ...honest, aud: ['other', 'hoopctl'], azp: 'hoopctl' }) },
  },
  { given: 'without a type', lie: { header: (honest) => ({ ...honest, typ: undefined }) } },
  {
    given: 'of type `application/jwt`',
    lie: { header: (honest) => ({ ...honest, typ: 'application/jwt' }) },
  },
  {
    given: 'without a key id, of the only key',
    lie: { header: (honest) => ({ ...honest, kid: undefined }) },
  },
  {
    given: 'for 255 characters of a person',
    lie: { claims: (honest) => ({ ...honest, sub: 'a'.repeat(255) }) },
  },
])('given a token $given, signs in', async ({ lie }) => {
  await using server = await startHostileProvider(lie)
  expect(await signIn(server)).toMatchObject({ clientId: 'hoopctl' })
})

function byBrowser(server: HostileProvider, fresh: boolean) {
  return discoverProvider(server.issuer, impatient).then((provider) =>
    signInByBrowser({
      settings: SETTINGS,
      provider,
      http: impatient,
      now: () => new Date(),
      wait: (_ms, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      openUrl: (url) => void fetch(url),
      fresh,
    }),
  )
}

it.each<{ given: string; lie: Lie; fresh: boolean; words: string | null }>([
  { given: 'the nonce', lie: {}, fresh: false, words: null },
  {
    given: 'another nonce',
    lie: { claims: (honest) => ({ ...honest, nonce: 'another' }) },
    fresh: false,
    words: 'it answers another question (`nonce`)',
  },
  {
    given: 'no nonce',
    lie: { claims: (honest) => ({ ...honest, nonce: undefined }) },
    fresh: false,
    words: 'it does not answer what was asked (no `nonce`)',
  },
  {
    given: 'a sign-in of now',
    lie: { claims: (honest) => ({ ...honest, auth_time: seconds() }) },
    fresh: true,
    words: null,
  },
  {
    given: 'a sign-in of two minutes ago',
    lie: { claims: (honest) => ({ ...honest, auth_time: seconds() - 120 }) },
    fresh: true,
    words: 'not asked to sign in anew (`auth_time`)',
  },
  {
    given: 'no instant of a sign-in',
    lie: {},
    fresh: true,
    words: 'when the person signed in (`auth_time`)',
  },
])('[ATK-FORGED-TOKEN] given a code for a token with $given, says $words', async ({ lie, fresh, words }) => {
  await using server = await startHostileProvider(lie)
  const signedIn = byBrowser(server, fresh)
  if (words === null) expect(await signedIn).toMatchObject({ claims: { sub: 'alice' } })
  else await expect(signedIn).rejects.toMatchObject({ message: expect.stringContaining(words) })
})

it.each<{ given: string; lie: Lie; words: string }>([
  {
    given: 'another person',
    lie: { claims: (honest) => ({ ...honest, sub: 'bob' }) },
    words: 'another person (`sub`) than before',
  },
  { given: 'nobody', lie: { claims: (honest) => ({ ...honest, sub: undefined }) }, words: '(`sub`)' },
  {
    given: 'no ID token',
    lie: { answer: (honest) => ({ ...honest, id_token: undefined }) },
    words: 'gave no ID token',
  },
])(
  '[ATK-FORGED-TOKEN] given $given when renewing, confirms nothing and keeps the new refresh token',
  async (told) => {
    await using server = await startHostileProvider()
    const tokens = await signIn(server)
    const { refreshToken } = tokens
    if (refreshToken === null) throw new Error('the provider gave no refresh token')
    server.lie = told.lie
    const provider = await discoverProvider(server.issuer, impatient)
    const rotated: unknown[] = []
    const onRotated = async (latest: typeof tokens) => void rotated.push(latest.claims['sub'])
    const now = () => new Date()
    const refreshed = await refreshTokens({ tokens, refreshToken, provider, http: impatient, now, onRotated })
    expect(refreshed).toMatchObject({ kind: 'kept', fault: { message: expect.stringContaining(told.words) } })
    expect(rotated).toEqual(['alice'])
  },
)

it('[ATK-FLOOD] given tokens with made-up key ids, fetches the key set again once, until half a minute has passed', async () => {
  await using server = await startHostileProvider()
  const { idToken } = await signIn(server)
  server.lie = { header: (honest) => ({ ...honest, kid: 'new' }) }
  const unknown = await fetch(`${server.issuer}/token`, { method: 'POST' })
  const { id_token: forged } = (await unknown.json()) as { id_token: string } // as our provider writes it
  const provider = await discoverProvider(server.issuer, impatient)
  const start = Date.now()
  const verify = (token: string, afterMs: number) =>
    verifyIdToken(token, { provider, clientId: 'hoopctl', now: new Date(start + afterMs) }).then(
      () => 'verified',
      () => 'refused',
    )
  const fetched = () => server.asked.filter((path) => path === '/jwks').length
  const before = fetched()
  const seen: [string, number][] = []
  for (const [token, afterMs] of [
    [idToken.reveal(), 0],
    [forged, 1000],
    [forged, 29_000],
    [forged, 31_000],
    [forged, 32_000],
    [idToken.reveal(), 33_000],
    [idToken.reveal(), 11 * 60_000],
  ] as const)
    seen.push([await verify(token, afterMs), fetched() - before])
  expect(seen).toEqual([
    ['verified', 1],
    ['refused', 1],
    ['refused', 1],
    ['refused', 2],
    ['refused', 2],
    ['verified', 2],
    ['verified', 3],
  ])
})
