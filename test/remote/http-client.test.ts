import { createServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { startAnsweringBytes } from './byte-server.ts'
import { answerWith, startHttpServer, startHttpsServer } from './https-server.ts'
import { BARE, get, textOf } from './requests.ts'

const send = createHttpClient(BARE)

describe('what is answered', () => {
  it('given a POST, sends its body and headers and gives status, headers and body', async () => {
    await using server = await startHttpServer(answerWith(201, 'made', { 'X-Thing': 'a' }))
    const body = Buffer.from('a=1')
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Accept-Encoding': 'gzip' }
    const answer = await send(new URL('token?x=1', server.url), get({ method: 'POST', body, headers }))
    expect([answer.status, textOf(answer), answer.headers.get('x-thing')]).toEqual([201, 'made', 'a'])
    expect(server.seen).toMatchObject([{ method: 'POST', url: '/token?x=1', body }])
    expect(server.seen[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'accept-encoding': 'identity',
    })
  })

  it.each([301, 302, 303, 307, 308])(
    '[ATK-IMPOSTOR-HOST] given a redirect (%d), hands it over and does not follow',
    async (status) => {
      await using elsewhere = await startHttpServer(answerWith(200, 'elsewhere'))
      await using server = await startHttpServer(answerWith(status, '', { location: elsewhere.url.href }))
      const answer = await send(server.url, get())
      expect([answer.status, answer.headers.get('location')]).toEqual([status, elsewhere.url.href])
      expect([elsewhere.seen, server.seen.length]).toEqual([[], 1])
    },
  )

  it.each([304, 400, 404, 429, 500, 503])('given %d and no repetitions, hands it over', async (status) => {
    await using server = await startHttpServer(answerWith(status))
    expect((await send(server.url, get())).status).toBe(status)
    expect(server.seen.length).toBe(1)
  })
})

describe('what is too much', () => {
  it('given as many bytes as allowed, reads them; given one more, says so', async () => {
    await using server = await startHttpServer(answerWith(200, 'x'.repeat(100)))
    expect((await send(server.url, get({ maxBytes: 100 }))).body.length).toBe(100)
    await expect(send(server.url, get({ maxBytes: 99 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` sent more than 99 bytes for \`/\``,
    })
  })

  it('[ATK-ENDLESS-ANSWER] given an answer without end, stops reading and hangs up', async () => {
    let hungUp: () => void = () => undefined
    const gone = new Promise<void>((resolve) => {
      hungUp = resolve
    })
    await using server = await startHttpServer((_request, response) => {
      const more = (): void => void response.write('x'.repeat(64 * 1024), () => setImmediate(more))
      response.on('close', hungUp)
      response.on('error', () => undefined)
      more()
    })
    await expect(send(server.url, get())).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await gone
  })

  it('[ATK-ENDLESS-ANSWER] given a compressed answer, refuses it without unfolding it', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024))
    await using server = await startHttpServer(answerWith(200, bomb, { 'Content-Encoding': 'gzip' }))
    await expect(send(server.url, get({ maxBytes: 1024 * 1024 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` sent a compressed answer that was not asked for`,
    })
  })

  it('given headers without end, says so', async () => {
    await using server = await startAnsweringBytes(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(64 * 1024)}\r\n\r\n`)
    await expect(send(server.url, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` answered with headers that are too long`,
    })
  })
})

describe('what does not come', () => {
  it('given a server that never answers, ends when the time is over', async () => {
    await using server = await startHttpServer(() => undefined)
    await expect(send(server.url, get({ timeoutMs: 200, retries: 3 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` did not answer within 0.2 s`,
    })
  })

  it('[ATK-ENDLESS-ANSWER] given a server that answers in drops, ends when the time is over', async () => {
    await using server = await startHttpServer((_request, response) => {
      const drops = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drops))
    })
    await expect(send(server.url, get({ timeoutMs: 200 }))).rejects.toMatchObject({
      message: `\`${server.url.host}\` did not answer within 0.2 s`,
    })
  })

  it.each([
    { given: 'a shorter body than announced', bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf' },
    {
      given: 'a chunked body without its end',
      bytes: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    },
    { given: 'headers without their end', bytes: 'HTTP/1.1 200 OK\r\ncontent-' },
    { given: 'nothing', bytes: '' },
  ])('given $given, says that the connection was closed', async ({ bytes }) => {
    await using server = await startAnsweringBytes(bytes)
    await expect(send(server.url, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` closed the connection before its answer was complete`,
    })
  })

  it('given a server of another protocol, says so', async () => {
    await using server = await startAnsweringBytes('220 mail.example ESMTP\r\n')
    await expect(send(server.url, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` does not speak HTTP`,
    })
  })

  it('given a port where nothing listens, says so', async () => {
    const port = await freePort()
    await expect(send(new URL(`http://127.0.0.1:${port}/`), get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`127.0.0.1:${port}\` refused the connection: nothing listens there`,
      hint: expect.stringContaining('HTTPS_PROXY'),
    })
  })

  it('given a name that nobody has, says so', async () => {
    await expect(send(new URL('https://policy.invalid/'), get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: '`policy.invalid` has no address (DNS)',
    })
  })
})

describe('whose certificate counts', () => {
  it('given a CA file, gets the answer of a host that it vouches for', async () => {
    await using server = await startHttpsServer(answerWith(200, 'hello'))
    const trusting = createHttpClient({ ...BARE, caFile: server.caFile })
    expect(textOf(await trusting(server.url, get()))).toBe('hello')
  })

  it('[ATK-IMPOSTOR-HOST] given no CA file, refuses a host whose CA nobody knows, sends nothing, and names the way out', async () => {
    await using server = await startHttpsServer(answerWith(200, 'hello'))
    await expect(send(server.url, get({ retries: 3 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('a CA that is not trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS=FILE'),
    })
    expect(server.seen).toEqual([])
  })

  it('[ATK-IMPOSTOR-HOST] given a certificate for other names, refuses the host', async () => {
    await using server = await startHttpsServer(answerWith(200, 'hello'), ['DNS:other.example'])
    const trusting = createHttpClient({ ...BARE, caFile: server.caFile })
    await expect(trusting(server.url, get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` has a certificate for other names`,
    })
    expect(server.seen).toEqual([])
  })

  it('given a server without TLS at an https URL, says so', async () => {
    await using server = await startHttpServer(answerWith(200))
    await expect(send(new URL(`https://localhost:${server.port}/`), get())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('does not speak TLS as it should'),
    })
  })
})

describe('where nothing is sent', () => {
  it.each([
    'http://policy.example/',
    'http://10.0.0.1/',
    'http://localhost.example/',
    'http://[::2]/',
    'http://128.0.0.1/',
  ])('[ATK-IMPOSTOR-HOST] given %s, refuses: only loopback may be spoken to without TLS', async (url) => {
    await expect(send(new URL(url), get())).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('http without TLS'),
    })
  })

  it.each(['127.0.0.1', 'localhost', '127.1', '0x7f.1'])('given http to %s, sends it', async (host) => {
    await using server = await startHttpServer(answerWith(204))
    expect((await send(new URL(`http://${host}:${server.port}/`), get())).status).toBe(204)
  })

  it.each(['ftp://localhost/', 'file:///etc/passwd', 's3://bucket/key'])('given %s, refuses', async (url) => {
    await expect(send(new URL(url), get())).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('given credentials in a URL, refuses and does not repeat them', async () => {
    const refused = send(new URL('https://anna:hunter2@policy.example/'), get())
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(refused).rejects.not.toThrow(/hunter2/u)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
