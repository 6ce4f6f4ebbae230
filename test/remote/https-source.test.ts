import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { httpsSource } from '../../src/remote/https-source.ts'
import { answerWith, startHttpServer } from './https-server.ts'
import { BARE, impatient } from './requests.ts'

const http = createHttpClient(BARE, impatient().waiting)

describe('httpsSource', () => {
  it.each([
    { status: 301, means: 'a redirect, which is not followed' },
    { status: 302, means: 'a redirect, which is not followed' },
    { status: 304, means: 'answered 304' },
    { status: 401, means: 'answered 401' },
    { status: 403, means: 'answered 403' },
    { status: 204, means: 'answered 204' },
    { status: 206, means: 'answered 206' },
    { status: 500, means: 'answered 500' },
    { status: 503, means: 'answered 503' },
  ])(
    'given $status for what is not known yet, does not take it for an object: $means',
    async ({ status, means }) => {
      await using server = await startHttpServer(
        answerWith(status, '', { location: 'https://other.example/' }),
      )
      await expect(httpsSource(server.url, http).read('acme.jws', null, 100)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringContaining(means),
      })
    },
  )

  it('given 410, says that it is missing', async () => {
    await using server = await startHttpServer(answerWith(410))
    expect(await httpsSource(server.url, http).read('acme.jws', null, 100)).toEqual({ status: 'missing' })
  })

  it('given a page about nothing being there that is longer than the object may be, says that it is missing', async () => {
    await using server = await startHttpServer(answerWith(404, 'not here '.repeat(1000)))
    expect(await httpsSource(server.url, http).read('acme.jws', null, 100)).toEqual({ status: 'missing' })
  })

  it('given an object without end, refuses it', async () => {
    await using server = await startHttpServer(answerWith(200, Buffer.alloc(2 * 1024 * 1024)))
    await expect(httpsSource(server.url, http).read('acme.jws', null, 100)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    })
  })

  it('given a server that is busy at first, asks again', async () => {
    let turn = 0
    await using server = await startHttpServer((_request, response) => {
      turn += 1
      response.writeHead(turn < 3 ? 503 : 200).end('here')
    })
    expect(await httpsSource(server.url, http).read('acme.jws', null, 100)).toMatchObject({ status: 'read' })
  })

  it('given a known etag, asks for what differs, past caches on the way', async () => {
    await using server = await startHttpServer(answerWith(304))
    const source = httpsSource(new URL('a/b/', server.url), http)
    expect(await source.read('trust/1.jws', { etag: 'W/"x"' }, 100)).toEqual({ status: 'unchanged' })
    expect(server.seen).toMatchObject([
      {
        method: 'GET',
        url: '/a/b/trust/1.jws',
        headers: { 'if-none-match': 'W/"x"', 'cache-control': 'no-cache' },
      },
    ])
  })

  it.each([
    ['"v1"', '"v1"'],
    ['W/"v1"', 'W/"v1"'],
    ['v1', null],
    ['"a" "b"', null],
    [`"${'x'.repeat(600)}"`, null],
    ['', null],
  ])('given the etag %j, keeps %j', async (sent, kept) => {
    await using server = await startHttpServer(answerWith(200, 'x', { etag: sent }))
    expect(await httpsSource(server.url, http).read('acme.jws', null, 100)).toMatchObject({ etag: kept })
  })
})
