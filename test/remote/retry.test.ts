import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { pauseBefore, WAITING } from '../../src/remote/retry.ts'
import { startHttpServer, type TestServer } from './https-server.ts'
import { BARE, get, impatient, textOf } from './requests.ts'

/** A server that answers in turn as told, and at last with 200. `null`: it hangs up. */
async function moody(
  ...turns: readonly { status: number | null; headers?: Record<string, string> }[]
): Promise<TestServer> {
  let turn = 0
  return startHttpServer((_request, response, raw) => {
    const { status, headers = {} } = turns[turn] ?? { status: 200 }
    turn += 1
    if (status === null) return void raw.socket.destroy()
    response.writeHead(status, headers).end(status === 200 ? 'at last' : 'not now')
  })
}

describe('what is asked again', () => {
  it.each([
    { given: '500 and 503', turns: [{ status: 500 }, { status: 503 }] },
    { given: '429 twice', turns: [{ status: 429 }, { status: 429 }] },
    { given: 'a server that hangs up', turns: [{ status: null }, { status: null }] },
  ])('given $given, asks again after longer and longer pauses', async ({ turns }) => {
    const { waiting, pauses } = impatient()
    await using server = await moody(...turns)
    const answer = await createHttpClient(BARE, waiting)(server.url, get({ retries: 2 }))
    expect([answer.status, textOf(answer), server.seen.length]).toEqual([200, 'at last', 3])
    expect(pauses).toEqual([187.5, 375])
  })

  it('given a body, sends the same one again', async () => {
    const { waiting } = impatient()
    await using server = await moody({ status: 503 })
    const body = Buffer.from('the same')
    await createHttpClient(BARE, waiting)(server.url, get({ method: 'PUT', body, retries: 1 }))
    expect(server.seen).toMatchObject([{ body }, { body }])
  })

  it('given more failures than repetitions, hands over the last answer', async () => {
    const { waiting } = impatient()
    await using server = await moody({ status: 500 }, { status: 502 }, { status: 503 })
    expect((await createHttpClient(BARE, waiting)(server.url, get({ retries: 1 }))).status).toBe(502)
    expect(server.seen.length).toBe(2)
  })

  it('given a server that hangs up each time, says so at the end', async () => {
    const { waiting, pauses } = impatient()
    await using server = await moody({ status: null }, { status: null })
    await expect(createHttpClient(BARE, waiting)(server.url, get({ retries: 1 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    })
    expect([server.seen.length, pauses.length]).toEqual([2, 1])
  })

  it.each([200, 301, 304, 400, 401, 404, 410])('given %d, which is an answer, asks once', async (status) => {
    const { waiting } = impatient()
    await using server = await moody({ status })
    expect((await createHttpClient(BARE, waiting)(server.url, get({ retries: 3 }))).status).toBe(status)
    expect(server.seen.length).toBe(1)
  })

  it.each([{ status: 503 }, { status: null }])(
    'given a request that must not be repeated and $status, asks once',
    async (turn) => {
      const { waiting, pauses } = impatient()
      await using server = await moody(turn)
      await createHttpClient(BARE, waiting)(server.url, get({ method: 'POST', retries: 0 })).catch(
        () => undefined,
      )
      expect([server.seen.length, pauses]).toEqual([1, []])
    },
  )

  it('given requests that must not be repeated, gives each a connection of its own', async () => {
    const ports = new Set<number | undefined>()
    await using server = await startHttpServer((_request, response, raw) => {
      ports.add(raw.socket.remotePort)
      response.end('ok')
    })
    const send = createHttpClient(BARE)
    for (const _time of [1, 2, 3]) await send(server.url, get({ retries: 0 }))
    expect(ports.size).toBe(3)
    for (const _time of [1, 2, 3]) await send(server.url, get({ retries: 1 }))
    expect(ports.size).toBeLessThan(6) // and others share them
  })
})

describe('how long it waits', () => {
  it('given Retry-After in seconds, waits so long and a little more', async () => {
    const { waiting, pauses } = impatient()
    await using server = await moody({ status: 429, headers: { 'retry-after': '7' } })
    await createHttpClient(BARE, waiting)(server.url, get({ retries: 1 }))
    expect(pauses).toEqual([7125])
  })

  it('given Retry-After as a date, waits until then', async () => {
    const { waiting, pauses } = impatient()
    await using server = await moody({
      status: 503,
      headers: { 'retry-after': 'Sun, 01 Mar 2026 12:00:10 GMT' },
    })
    await createHttpClient(BARE, waiting)(server.url, get({ retries: 1 }))
    expect(pauses).toEqual([10_125])
  })

  it.each(['31', '999999999', 'Mon, 02 Mar 2026 12:00:00 GMT'])(
    'given Retry-After: %s, which is too long to wait for, hands over the answer',
    async (after) => {
      const { waiting, pauses } = impatient()
      await using server = await moody({ status: 429, headers: { 'retry-after': after } })
      expect((await createHttpClient(BARE, waiting)(server.url, get({ retries: 3 }))).status).toBe(429)
      expect(pauses).toEqual([])
    },
  )

  it.each(['soon', '-1', '1.5', ''])(
    'given Retry-After: %j, which says nothing, waits as without it',
    async (after) => {
      const { waiting, pauses } = impatient()
      await using server = await moody({ status: 429, headers: { 'retry-after': after } })
      await createHttpClient(BARE, waiting)(server.url, get({ retries: 1 }))
      expect(pauses.every((pause) => pause < 250)).toBe(true)
    },
  )

  it('given a pause that would outlast the time, hands over what is known now', async () => {
    const { waiting, pauses } = impatient()
    await using server = await moody({ status: 503, headers: { 'retry-after': '20' } })
    const answer = await createHttpClient(BARE, waiting)(server.url, get({ retries: 1, timeoutMs: 15_000 }))
    expect([answer.status, pauses]).toEqual([503, []])
  })

  it('given ever more attempts, the pauses stay between bounds', () => {
    for (const random of [() => 0, () => 0.999]) {
      const pauses = [1, 2, 5, 10, 50, 1000].map((attempt) =>
        pauseBefore(attempt, null, { ...WAITING, random }),
      )
      expect(pauses.every((pause) => pause !== null && pause >= 125 && pause <= 8000)).toBe(true)
    }
  })

  it('given the end of the time while it waits, ends', async () => {
    await using server = await moody({ status: 503 })
    const waiting = {
      ...WAITING,
      random: () => 0,
      pause: (_ms: number, signal: AbortSignal) => aborted(signal),
    }
    await expect(
      createHttpClient(BARE, waiting)(server.url, get({ retries: 1, timeoutMs: 400 })),
    ).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')))
  })
}
