import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '../../src/http.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import type { NetworkSettings } from '../../src/remote/network-settings.ts'
import { answerWith, startHttpServer, startHttpsServer } from './https-server.ts'

const BARE: NetworkSettings = { proxy: null, noProxy: null, caFile: null, systemCas: false }
const GET: HttpRequest = {
  method: 'GET',
  headers: {},
  body: null,
  timeoutMs: 30_000,
  maxBytes: 1024,
  retries: 0,
}

describe('createHttpClient', () => {
  it('given a CA file, gets the answer of a host that it vouches for', async () => {
    await using server = await startHttpsServer(answerWith(200, 'hello', { 'X-Thing': 'a' }))
    const send = createHttpClient({ ...BARE, caFile: server.caFile })
    const answer = await send(server.url, GET)
    expect({ status: answer.status, text: Buffer.from(answer.body).toString() }).toEqual({
      status: 200,
      text: 'hello',
    })
    expect(answer.headers.get('x-thing')).toBe('a')
  })

  it('given no CA file, refuses a host whose CA nobody knows, and names the way out', async () => {
    await using server = await startHttpsServer(answerWith(200, 'hello'))
    await expect(createHttpClient(BARE)(server.url, GET)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS=FILE'),
    })
    expect(server.seen).toEqual([])
  })

  it('given plain http to loopback, sends it', async () => {
    await using server = await startHttpServer(answerWith(200, 'hello'))
    expect((await createHttpClient(BARE)(server.url, GET)).status).toBe(200)
  })
})
