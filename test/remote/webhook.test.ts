import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { postWebhook } from '../../src/remote/webhook.ts'
import { Secret } from '../../src/secret.ts'
import { type Answering, answerWith, startHttpServer, startHttpsServer } from './https-server.ts'
import { BARE, impatient } from './requests.ts'

// The example of the reference libraries of Standard Webhooks.
const MESSAGE = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
}
const KEY = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')

/** A client that trusts an authority, and does not wait between tries. */
const trusting = (caFile: string | null) => createHttpClient({ ...BARE, caFile }, impatient().waiting)

describe('a webhook', () => {
  it('given a company’s own CA, posts over https with the signature that receivers compute', async () => {
    await using server = await startHttpsServer(answerWith(204))
    await postWebhook(new URL('hook?x=1', server.url), MESSAGE, KEY, trusting(server.caFile))
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/hook?x=1',
        body: Buffer.from(MESSAGE.body),
        headers: {
          'content-type': 'application/json',
          'webhook-id': MESSAGE.id,
          'webhook-timestamp': '1614265330',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
      },
    ])
  })

  it('given a key without `whsec_`, signs with it as it stands; given none, does not sign', async () => {
    await using server = await startHttpServer(answerWith(200, 'ok'))
    await postWebhook(server.url, MESSAGE, new Secret('a key of some length'), trusting(null))
    await postWebhook(server.url, MESSAGE, null, trusting(null))
    const content = `${MESSAGE.id}.1614265330.${MESSAGE.body}`
    const mac = createHmac('sha256', 'a key of some length').update(content).digest('base64')
    const signatures = server.seen.map(({ headers }) => headers['webhook-signature'])
    expect(signatures).toEqual([`v1,${mac}`, undefined])
  })

  it('given an outage of a few tries, tries again with the same id, time and signature', async () => {
    const statuses = [503, 429, 500]
    await using server = await startHttpServer((request, response, raw) =>
      answerWith(statuses.shift() ?? 202)(request, response, raw),
    )
    await postWebhook(server.url, MESSAGE, KEY, trusting(null))
    expect(server.seen).toHaveLength(4)
    expect(new Set(server.seen.map(({ headers }) => headers['webhook-signature'])).size).toBe(1)
  })

  it.each<{ given: string; answer: Answering; message: string; tries: number }>([
    { given: 'an outage that lasts', answer: answerWith(503), message: 'answered 503', tries: 5 },
    { given: 'a no', answer: answerWith(404), message: 'answered 404', tries: 1 },
    {
      given: 'a redirect',
      answer: answerWith(307, '', { location: 'https://elsewhere.example/' }),
      message: 'answered 307: a redirect, which is not followed',
      tries: 1,
    },
  ])('given $given, says: $message', async ({ answer, message, tries }) => {
    await using server = await startHttpServer(answer)
    await expect(
      postWebhook(new URL('T0/secret', server.url), MESSAGE, KEY, trusting(null)),
    ).rejects.toMatchObject({ code: 'UNREACHABLE', message: `\`${server.url.host}\` ${message}` })
    expect(server.seen).toHaveLength(tries)
  })

  it('[INV-5] given an answer without end, says so without the path, which may be the secret', async () => {
    await using server = await startHttpServer(answerWith(200, 'x'.repeat(2 * 1024 * 1024)))
    const posted = postWebhook(new URL('services/T0/secret', server.url), MESSAGE, KEY, trusting(null))
    await expect(posted).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.host}\` sent more than 1048576 bytes for \`/…\``,
    })
  })

  it('[ATK-IMPOSTOR-HOST] given a CA that nobody knows, or plain http to elsewhere, sends nothing', async () => {
    await using server = await startHttpsServer(answerWith(204))
    await expect(postWebhook(server.url, MESSAGE, KEY, trusting(null))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    const plain = new URL('http://hooks.example/x')
    await expect(postWebhook(plain, MESSAGE, KEY, trusting(null))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
    expect(server.seen).toEqual([])
  })

  it.each(['whsec_', 'whsec_short', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!w'])(
    'given %s as a key, refuses it and sends nothing',
    async (key) => {
      await using server = await startHttpServer(answerWith(204))
      await expect(postWebhook(server.url, MESSAGE, new Secret(key), trusting(null))).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: 'the key of a webhook is not base64',
      })
      expect(server.seen).toEqual([])
    },
  )
})
