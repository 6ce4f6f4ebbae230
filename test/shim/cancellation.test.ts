import { describe, expect, it } from 'vitest'
import { OpenExchanges } from '../../src/shim/exchanges.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, notice, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - allow: { serverRequest: roots }`

const cancel = (requestId: unknown) => notice('notifications/cancelled', { requestId, reason: 'enough' })
const IN_FLIGHT = expect.stringContaining('its id is in flight')

describe('a call that the client cancels', () => {
  it('is cancelled at the server, keeps its id until its late answer, which is filtered, recorded and passed on [INV-7]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'tools/list'))
    expect(await bench.client(cancel(1))).toEqual({ client: [], server: [cancel(1)] })
    expect(await bench.client(request(1, 'ping'))).toEqual({ client: [IN_FLIGHT], server: [] })
    const late = await bench.server(answer(1, { tools: [{ name: 'a' }, { name: 'b' }] }))
    expect(late.client).toEqual([answer(1, { tools: [{ name: 'a' }] })])
    expect(bench.records('response')).toMatchObject([{ exchange: 1, changed: { hidden: ['b'] } }])
    expect(await bench.client(request(1, 'ping'))).toEqual({ client: [], server: [request(1, 'ping')] })
  })

  it('given both in one chunk, sends both, in their order', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    expect(await bench.client(call(1, 'a'), cancel(1))).toEqual({
      client: [],
      server: [call(1, 'a'), cancel(1)],
    })
    expect((await bench.server(text(1, 'late'))).client).toEqual([text(1, 'late')])
  })

  it.each([
    { given: 'an id that was never used', id: 9 },
    { given: 'the id as a text', id: '1' },
    { given: 'a denied call’s id', id: 2 },
    { given: 'an answered call’s id', id: 3 },
    { given: 'no id', id: undefined },
    { given: 'an id that is a list', id: [1] },
    { given: 'the id of a server’s request', id: 's' },
  ])('given $given, tells the server nothing [ATK-STRAY-CANCEL]', async ({ id }) => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'a'), call(2, 'b'), call(3, 'a'))
    await bench.server(text(3, 'x'), request('s', 'roots/list'))
    expect(await bench.client(cancel(id))).toEqual({ client: [], server: [] })
    expect(bench.records('notification')).toMatchObject([
      { decision: { effect: 'deny', why: 'it cancels nothing that the server got' } },
    ])
    expect((await bench.server(text(1, 'x'))).client).toEqual([text(1, 'x')])
  })

  it('given twice, is cancelled once', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'ping'))
    expect((await bench.client(cancel(1), cancel(1))).server).toEqual([cancel(1)])
  })
})

describe('a request that the server cancels', () => {
  it('is cancelled at the client, and its late answer passes', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'roots/list'))
    expect(await bench.server(cancel('s'))).toEqual({ client: [cancel('s')], server: [] })
    expect(await bench.server(request('s', 'ping'))).toEqual({ client: [], server: [IN_FLIGHT] })
    expect((await bench.client(answer('s', { roots: [] }))).server).toEqual([answer('s', { roots: [] })])
  })

  it.each(['x', 1, undefined])(
    'given the id %j, which is none of its own, tells the client nothing [ATK-STRAY-CANCEL]',
    async (id) => {
      const bench = await benchOfOne(POLICY)
      await bench.client(request(1, 'ping'))
      await bench.server(request('s', 'roots/list'))
      expect(await bench.server(cancel(id))).toEqual({ client: [], server: [] })
      expect((await bench.server(answer(1, {}))).client).toEqual([answer(1, {})])
    },
  )
})

describe('the ids of cancelled requests', () => {
  const exchange = (id: number) => {
    const at = {
      number: id,
      id,
      method: 'ping',
      startedMs: 0,
      call: null,
      modern: false,
      progressToken: `p${id}`,
    }
    return {
      ...at,
      task: null,
      filter: null,
      asksTask: false,
      client: null,
      firstPage: true,
      sent: true,
      approved: null,
      receive: null,
    }
  }
  const cancelled = (count: number) => {
    const open = new OpenExchanges()
    for (let id = 1; id <= count; id++) {
      const begun = exchange(id)
      open.begin(begun)
      open.cancel(begun, 0)
    }
    return open
  }

  it('given 1,024 of them, are all reserved; given one more, the oldest is free', () => {
    const full = cancelled(1024)
    expect([full.has(1, 0), full.has(1024, 0)]).toEqual([true, true])
    const over = cancelled(1025)
    expect([over.has(1, 0), over.has(2, 0), over.has(1025, 0)]).toEqual([false, true, true])
    expect([over.end(1), over.end(2)?.id]).toEqual([undefined, 2])
  })

  it('given 10 minutes, are free', () => {
    const open = cancelled(2)
    expect(open.has(1, 599_999)).toBe(true)
    expect([open.has(1, 600_000), open.has(2, 600_000), open.end(1), open.byToken('p1')]).toEqual([
      false,
      false,
      undefined,
      undefined,
    ])
  })

  it('given an open request, stays taken for as long as it takes', () => {
    const open = new OpenExchanges()
    open.begin(exchange(1))
    expect(open.has(1, 1e12)).toBe(true)
  })
})
