import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { startForwardProxy } from './forward-proxy.ts'
import { answerWith, startHttpServer, startHttpsServer } from './https-server.ts'
import { BARE, get, impatient, textOf } from './requests.ts'

const HIDDEN = new URL('https://policy.example/acme.jws')
const NAMES = ['DNS:policy.example', 'DNS:localhost', 'DNS:proxy.example', 'IP:127.0.0.1']

/** A host that only its proxy finds. */
async function startHidden() {
  return startHttpsServer(answerWith(200, 'behind'), NAMES)
}

describe('a proxy', () => {
  it('given a host that only the proxy finds, gets its answer through a tunnel', async () => {
    await using server = await startHidden()
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:443': server.port } })
    const proxyUrl = `http://127.0.0.1:${proxy.port}`
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: proxyUrl })
    expect(textOf(await send(HIDDEN, get()))).toBe('behind')
    expect(proxy.asked).toEqual([{ authority: 'policy.example:443', authorization: null }])
  })

  it('[ATK-IMPOSTOR-HOST] given a proxy that swaps the host for its own, refuses it', async () => {
    await using server = await startHidden()
    await using impostor = await startHttpsServer(answerWith(200, 'lies'), NAMES)
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:443': impostor.port } })
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: `http://127.0.0.1:${proxy.port}` })
    await expect(send(HIDDEN, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('`policy.example` has a certificate of a CA that is not trusted here'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect(impostor.seen).toEqual([])
  })

  it('given the proxy as HOST:PORT, uses it all the same', async () => {
    await using server = await startHidden()
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:8443': server.port } })
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: `localhost:${proxy.port}` })
    expect((await send(new URL('https://policy.example:8443/'), get())).status).toBe(200)
  })

  it('given requests that may be repeated, sends them through too', async () => {
    await using server = await startHidden()
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:443': server.port } })
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: `http://127.0.0.1:${proxy.port}` })
    for (const _time of [1, 2, 3]) expect((await send(HIDDEN, get({ retries: 1 }))).status).toBe(200)
    expect(server.seen.length).toBe(3)
  })

  it('given hosts in NO_PROXY, asks the proxy for the others only', async () => {
    await using server = await startHidden()
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:443': server.port } })
    const settings = { ...BARE, caFile: server.caFile, proxy: `http://127.0.0.1:${proxy.port}` }
    const send = createHttpClient({ ...settings, noProxy: '.example' })
    // Where the proxy is not asked, nobody knows the host.
    await expect(send(HIDDEN, get())).rejects.toMatchObject({ message: expect.stringContaining('(DNS)') })
    expect(proxy.asked).toEqual([])
    expect((await createHttpClient({ ...settings, noProxy: 'other.test' })(HIDDEN, get())).status).toBe(200)
  })

  it('given loopback, does not ask the proxy', async () => {
    await using server = await startHidden()
    await using plain = await startHttpServer(answerWith(204))
    await using proxy = await startForwardProxy({ hosts: {} })
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: `http://127.0.0.1:${proxy.port}` })
    expect((await send(server.url, get())).status).toBe(200)
    expect((await send(plain.url, get())).status).toBe(204)
    expect(proxy.asked).toEqual([])
  })
})

describe('a proxy that wants to know who asks', () => {
  const authorization = `Basic ${Buffer.from('anna:p@ss word').toString('base64')}`

  it('given its credentials in HTTPS_PROXY, opens the tunnel; the host does not see them', async () => {
    await using server = await startHidden()
    await using proxy = await startForwardProxy({
      hosts: { 'policy.example:443': server.port },
      authorization,
    })
    const url = `http://anna:p%40ss%20word@127.0.0.1:${proxy.port}`
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: url })
    expect((await send(HIDDEN, get())).status).toBe(200)
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it('[INV-5] given others, says where to put them, without repeating them', async () => {
    await using proxy = await startForwardProxy({ hosts: {}, authorization })
    const { waiting, pauses } = impatient()
    const send = createHttpClient({ ...BARE, proxy: `http://anna:hunter2@127.0.0.1:${proxy.port}` }, waiting)
    const error: unknown = await send(HIDDEN, get({ retries: 2 })).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      message: `the proxy \`127.0.0.1:${proxy.port}\` wants other credentials (407)`,
      hint: 'put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT',
    })
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/hunter2|YW5uYTpodW50ZXIy/u)
    expect(pauses).toEqual([])
  })
})

describe('a proxy over TLS', () => {
  it('given a CA that vouches for it, is spoken to; given none, is told nothing', async () => {
    await using server = await startHidden()
    const certificate = await server.authority.issue(NAMES)
    await using proxy = await startForwardProxy({ hosts: { 'policy.example:443': server.port }, certificate })
    const url = `https://anna:secret@127.0.0.1:${proxy.port}`
    await expect(createHttpClient({ ...BARE, proxy: url })(HIDDEN, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(`the proxy \`127.0.0.1:${proxy.port}\` has a certificate of a CA`),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect(proxy.asked).toEqual([])
    const send = createHttpClient({ ...BARE, caFile: server.caFile, proxy: url })
    expect(textOf(await send(HIDDEN, get()))).toBe('behind')
  })
})

describe('a proxy that does not help', () => {
  it('given one that refuses the host, says so, and asks again where that may pass', async () => {
    await using proxy = await startForwardProxy({ hosts: {} })
    const { waiting, pauses } = impatient()
    const send = createHttpClient({ ...BARE, proxy: `http://127.0.0.1:${proxy.port}` }, waiting)
    await expect(send(HIDDEN, get({ retries: 2 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `the proxy \`127.0.0.1:${proxy.port}\` does not connect to \`policy.example\` (502)`,
    })
    expect([proxy.asked.length, pauses.length]).toEqual([3, 2])
  })

  it('given one that is not there, says that it is the proxy', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const send = createHttpClient({ ...BARE, proxy: `http://127.0.0.1:${port}` })
    await expect(send(HIDDEN, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `the proxy \`127.0.0.1:${port}\` refused the connection: nothing listens there`,
      hint: 'check HTTPS_PROXY, or unset it where there is no proxy',
    })
  })

  it('given one that never answers, ends when the time is over', async () => {
    // The connection has a limit of its own: it never comes here, so that it cannot be what ends the request.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    await using proxy = await startForwardProxy({ hosts: {}, silent: true })
    const send = createHttpClient({ ...BARE, proxy: `http://127.0.0.1:${proxy.port}` })
    await expect(send(HIDDEN, get({ timeoutMs: 300 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: '`policy.example` did not answer within 0.3 s',
    })
  })

  it('given a web server in its place, says that it gives no tunnel', async () => {
    await using server = await startHttpServer(answerWith(200, 'welcome'))
    const send = createHttpClient({ ...BARE, proxy: `http://127.0.0.1:${server.port}` })
    await expect(send(HIDDEN, get())).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it.each(['socks5://127.0.0.1:1080', 'ftp://proxy', 'http://', 'http://a b', '::::'])(
    'given %j as the proxy, refuses it',
    async (proxy) => {
      await expect(createHttpClient({ ...BARE, proxy })(HIDDEN, get())).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: 'the proxy in HTTPS_PROXY is not an http or https URL',
      })
    },
  )
})
