import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { HttpClient } from '../../src/http.ts'
import { signInByDevice } from '../../src/identity/device-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { loopbackHttp } from './http.ts'
import { startProvider } from './provider.ts'
import { runDeviceFlow, SETTINGS } from './signed-in.ts'

it.each(['RS256', 'ES256', 'EdDSA'] as const)(
  'given a person who types the code, gives verified tokens signed with %s',
  async (algorithm) => {
    await using server = await startProvider({ algorithm })
    const run = await runDeviceFlow(server, async ({ userCode }, waits) => {
      if (waits === 2) await server.answerDevice(userCode, 'alice')
    })
    const tokens = await run.tokens
    expect(tokens.claims).toMatchObject({ iss: server.issuer, sub: 'alice', groups: ['engineering'] })
    expect(tokens).toMatchObject({ issuer: server.issuer, clientId: 'hoopctl', scopes: SETTINGS.scopes })
    expect(tokens.refreshToken).not.toBeNull()
    expect(run.shown).toMatchObject([{ verificationUri: `${server.issuer}/device` }])
    expect(run.waits).toEqual([5000, 5000])
    expect(JSON.stringify(tokens)).not.toContain(tokens.idToken.reveal())
  },
)

it('given `slow_down`, asks five seconds less often each time', async () => {
  await using server = await startProvider()
  server.slowDown(2)
  const run = await runDeviceFlow(server, async ({ userCode }, waits) => {
    if (waits === 4) await server.answerDevice(userCode, 'bob')
  })
  expect((await run.tokens).claims).toMatchObject({ sub: 'bob', groups: ['dba', 'support'] })
  expect(run.waits).toEqual([5000, 10_000, 15_000, 15_000])
})

it('given a provider that fails for a while, goes on asking, less often', async () => {
  await using server = await startProvider()
  const run = await runDeviceFlow(server, async ({ userCode }, waits) => {
    if (waits === 1) server.fail(503)
    if (waits === 3) server.fail(null)
    if (waits === 3) await server.answerDevice(userCode, 'alice')
  })
  expect((await run.tokens).claims).toMatchObject({ sub: 'alice' })
  expect(run.waits).toEqual([5000, 10_000, 20_000])
})

it('given a provider that wants PKCE, shows with each question that it asks for its own code', async () => {
  await using server = await startProvider()
  const challenges: (string | null)[] = []
  const verifiers: (string | null)[] = []
  const http: HttpClient = async (url, request) => {
    const sent = new URLSearchParams(Buffer.from(request.body ?? []).toString())
    if (url.pathname === '/token') verifiers.push(sent.get('code_verifier'))
    if (url.pathname !== '/device/auth') return loopbackHttp(url, request)
    challenges.push(sent.get('code_challenge'))
    if (sent.get('code_challenge_method') === 'S256') return loopbackHttp(url, request)
    // As Keycloak answers where the client's PKCE method is S256.
    const refused = {
      error: 'invalid_request',
      error_description: 'Missing parameter: code_challenge_method',
    }
    const headers = new Map([['content-type', 'application/json']])
    return { status: 400, headers, body: Buffer.from(JSON.stringify(refused)) }
  }
  const run = await runDeviceFlow(
    server,
    async ({ userCode }, waits) => {
      if (waits === 2) await server.answerDevice(userCode, 'alice')
    },
    { http },
  )
  expect((await run.tokens).claims).toMatchObject({ sub: 'alice' })
  const [verifier = null] = verifiers
  const challenge = createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url')
  expect([challenges, verifiers]).toEqual([
    [null, challenge],
    [verifier, verifier],
  ])
})

it('given a person who says no, ends as denied', async () => {
  await using server = await startProvider()
  const run = await runDeviceFlow(server, ({ userCode }) => server.answerDevice(userCode, 'alice', 'no'))
  await expect(run.tokens).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    message: expect.stringContaining('the sign-in was denied'),
  })
})

it('given nobody who types the code, ends when it runs out, by the clock of this machine', async () => {
  await using server = await startProvider()
  let elapsed = 0
  const now = () => new Date(Date.now() + elapsed)
  const run = await runDeviceFlow(server, async (_prompt, waits) => void (elapsed = waits * 150_000), { now })
  await expect(run.tokens).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    message: 'the code ran out before anyone signed in',
  })
  expect(run.waits).toHaveLength(4)
})

it('given a signal, ends as cancelled', async () => {
  await using server = await startProvider()
  const controller = new AbortController()
  const run = await runDeviceFlow(server, async () => controller.abort(), { signal: controller.signal })
  await expect(run.tokens).rejects.toMatchObject({ code: 'CANCELLED' })
})

it('given a provider that is not there, ends as unreachable', async () => {
  const server = await startProvider()
  await server.close()
  await expect(runDeviceFlow(server, async () => undefined)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

it('given a client that the provider does not know, says so', async () => {
  await using server = await startProvider()

  const signIn = signInByDevice({
    settings: { clientId: 'nobody', scopes: [] },
    provider: await discoverProvider(server.issuer, loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(),
    wait: async () => undefined,
    show: () => undefined,
  })
  await expect(signIn).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    message: expect.stringContaining('does not know this client'),
  })
})
