import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { type BrowserSignIn, signInByBrowser } from '../../src/identity/browser-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { loopbackHttp } from './http.ts'
import { startProvider, type TestProvider } from './provider.ts'
import { SETTINGS } from './signed-in.ts'

type Asked = Partial<BrowserSignIn> & { readonly browser: (url: URL) => Promise<unknown> }

/** Signs in; `browser` is what the browser does with the address. Waiting ends with the signal only. */
async function signIn(server: TestProvider, { browser, ...options }: Asked) {
  const opened = Promise.withResolvers<unknown>()
  const tokens = signInByBrowser({
    settings: SETTINGS,
    provider: await discoverProvider(server.issuer, loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(),
    wait: (_ms, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    openUrl: (url) => opened.resolve(browser(url)),
    ...options,
  })
  tokens.catch(() => undefined)
  return { tokens, page: await opened.promise }
}

it('given a person who signs in, gives verified tokens and a page without anything of the provider', async () => {
  await using server = await startProvider()
  const { tokens, page } = await signIn(server, { browser: (url) => server.answerBrowser(url, 'bob') })
  expect((await tokens).claims).toMatchObject({ sub: 'bob', aud: 'hoopctl', nonce: expect.any(String) })
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('go back to the terminal') })
})

it('given a digest as nonce and a fresh sign-in, gives an ID token of the approvals client that repeats it', async () => {
  await using server = await startProvider()
  const nonce = 'a'.repeat(64)
  const settings = { clientId: 'hoopctl-approve', scopes: ['openid', 'email'], redirectPort: null }
  const seen: string[] = []
  const { tokens } = await signIn(server, {
    settings,
    nonce,
    fresh: true,
    sub: 'alice',
    browser: (url) => {
      seen.push(url.searchParams.get('prompt') ?? '', url.searchParams.get('max_age') ?? '')
      return server.answerBrowser(url, 'alice')
    },
  })
  expect(await tokens).toMatchObject({
    claims: { sub: 'alice', aud: 'hoopctl-approve', nonce, auth_time: expect.any(Number) },
    refreshToken: null,
  })
  expect(seen).toEqual(['login', '0'])
})

it('given a port, the browser comes back to that one; where it is taken, says so', async () => {
  await using server = await startProvider()
  const taken = createServer()
  const redirectPort = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as AddressInfo).port)),
  )
  const settings = { ...SETTINGS, redirectPort }
  const options = {
    settings,
    provider: await discoverProvider(server.issuer, loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(),
    wait: async () => undefined,
    openUrl: () => undefined,
  }
  await expect(signInByBrowser(options)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining(`the port ${redirectPort} of 127.0.0.1 is not free`),
  })
  await new Promise((resolve) => taken.close(resolve))
  const { tokens } = await signIn(server, {
    settings,
    browser: (url) => {
      expect(new URL(url.searchParams.get('redirect_uri') ?? '').port).toBe(String(redirectPort))
      return server.answerBrowser(url, 'alice')
    },
  })
  expect((await tokens).claims).toMatchObject({ sub: 'alice' })
})

it('given another person than was asked for, refuses', async () => {
  await using server = await startProvider()
  const browser = (url: URL) => server.answerBrowser(url, 'bob')
  const { tokens } = await signIn(server, { sub: 'alice', browser })
  await expect(tokens).rejects.toMatchObject({ message: expect.stringContaining('another person') })
})

it('given a fresh sign-in and a browser that was signed in five minutes ago, refuses', async () => {
  await using server = await startProvider()
  // The program's clock is ahead when it asks, so what the provider did now was five minutes ago.
  const ahead = () => new Date(Date.now() + 5 * 60_000)
  const { tokens } = await signIn(server, {
    fresh: true,
    now: ahead,
    browser: (url) => server.answerBrowser(url, 'alice'),
  })
  await expect(tokens).rejects.toMatchObject({
    message: expect.stringContaining('sign in anew (`auth_time`)'),
  })
})

it('given a person who says no, ends as denied', async () => {
  await using server = await startProvider()
  const { tokens } = await signIn(server, { browser: (url) => server.answerBrowser(url, 'alice', 'no') })
  await expect(tokens).rejects.toMatchObject({ message: expect.stringContaining('the sign-in was denied') })
})

it('given a signal, ends as cancelled and closes the port', async () => {
  await using server = await startProvider()
  const controller = new AbortController()
  let redirect = ''
  const { tokens } = await signIn(server, {
    signal: controller.signal,
    browser: async (url) => {
      redirect = url.searchParams.get('redirect_uri') ?? ''
      controller.abort()
    },
  })
  await expect(tokens).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect(fetch(redirect)).rejects.toThrow()
})

it('given nobody who comes back, ends after ten minutes', async () => {
  await using server = await startProvider()
  const waits: number[] = []
  const wait = async (ms: number) => void waits.push(ms)
  const { tokens } = await signIn(server, { wait, browser: async () => undefined })
  await expect(tokens).rejects.toMatchObject({ message: 'the browser did not come back within ten minutes' })
  expect(waits).toEqual([600_000])
})

it('[ATK-FORGED-CALLBACK] given callbacks that nobody asked for, refuses them and waits for the right one', async () => {
  await using server = await startProvider()
  const statuses: number[] = []
  const { tokens } = await signIn(server, {
    browser: async (url) => {
      const redirect = url.searchParams.get('redirect_uri') ?? ''
      const state = url.searchParams.get('state') ?? ''
      const right = `${redirect}?code=x&state=${state}`
      statuses.push((await fetch(`${redirect}?code=x&state=guessed`)).status)
      statuses.push((await fetch(`${redirect}?code=x`)).status)
      statuses.push((await fetch(`${right}&state=${state}`)).status)
      statuses.push((await fetch(right, { method: 'POST' })).status)
      statuses.push((await fetch(right.replace('/callback', '/other'))).status)
      statuses.push(await statusFor(right, 'evil.example'))
      return server.answerBrowser(url, 'alice')
    },
  })
  expect((await tokens).claims).toMatchObject({ sub: 'alice' })
  expect(statuses).toEqual([400, 400, 400, 400, 400, 400])
})

it('[ATK-MIX-UP] given an answer that names another issuer, or none, refuses before the code is sent', async () => {
  for (const iss of ['&iss=https%3A%2F%2Fevil.example', '']) {
    await using server = await startProvider()
    const { tokens } = await signIn(server, {
      browser: (url) =>
        fetch(`${url.searchParams.get('redirect_uri')}?code=x&state=${url.searchParams.get('state')}${iss}`),
    })
    await expect(tokens).rejects.toMatchObject({ message: expect.stringContaining('somewhere else') })
    expect([...server.grants]).toEqual([])
  }
})

// fetch sets the host itself.
function statusFor(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject).end()
  })
}
