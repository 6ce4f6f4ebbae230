import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { answer, call, failure, lost, MODERN, notice, request, text } from './messages.ts'

const READ_ONLY = 'rules:\n  - { allow: { tool: "*" }, when: tool.annotations.readOnlyHint }'
const ANY_TOOL = 'rules:\n  - allow: { tool: "*" }'
const TOOL = { name: 'a', annotations: { readOnlyHint: true } }

/** The one request that hoopctl sent on its own account. */
function own(lines: readonly string[]): { id: string; params: object } {
  expect(lines).toHaveLength(1)
  const { id, method, params } = JSON.parse(lines[0] ?? '')
  expect(method).toBe('tools/list')
  expect(id).toMatch(/^hoopctl-[0-9a-f]{16}-\d+$/)
  return { id, params }
}

const ERAS = [
  { era: '2025-11-25', meta: {}, sent: {} },
  {
    era: '2026-07-28',
    meta: {
      _meta: {
        ...MODERN,
        'io.modelcontextprotocol/clientInfo': { name: 'c' },
        progressToken: 9,
        traceparent: 't',
      },
    },
    sent: { _meta: { ...MODERN, 'io.modelcontextprotocol/clientInfo': { name: 'c' } } },
  },
]

describe('a call of a tool that was not listed yet', () => {
  it.each(ERAS)(
    'in the era of $era, waits until hoopctl has listed the tools, page by page',
    async ({ meta, sent }) => {
      const bench = await benchOfOne(READ_ONLY)
      const held = call(1, 'a', {}, meta)
      const first = await bench.client(held)
      expect(first.client).toEqual([])
      const page1 = own(first.server)
      expect(page1.params).toEqual(sent)
      const second = await bench.server(answer(page1.id, { tools: [{ name: 'b' }], nextCursor: 'p2' }))
      expect(second.client).toEqual([])
      const page2 = own(second.server)
      expect(page2.params).toEqual({ cursor: 'p2', ...sent })
      expect(page2.id).not.toBe(page1.id)
      expect(await bench.server(answer(page2.id, { tools: [TOOL] }))).toEqual({ client: [], server: [held] })
      expect(await bench.server(text(1, 'hi'))).toEqual({ client: [text(1, 'hi')], server: [] })
      expect(
        bench
          .records('request', 'response')
          .map(({ kind, from, exchange, method }) => [kind, from, exchange, method]),
      ).toEqual([
        ['request', 'hoopctl', 2, 'tools/list'],
        ['response', 'server', 2, undefined],
        ['request', 'hoopctl', 3, 'tools/list'],
        ['response', 'server', 3, undefined],
        ['request', 'client', 1, 'tools/call'],
        ['response', 'server', 1, undefined],
      ])
    },
  )

  it('lets other messages pass it, and calls that come meanwhile wait for the same list, in their order [INV-7]', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    expect(
      await bench.client(request(2, 'ping'), call(3, 'b'), notice('notifications/roots/list_changed')),
    ).toEqual({
      client: [],
      server: [request(2, 'ping'), notice('notifications/roots/list_changed')],
    })
    expect(await bench.server(answer(2, {}))).toEqual({ client: [answer(2, {})], server: [] })
    const { server } = await bench.server(answer(id, { tools: [{ name: 'a' }, { name: 'b' }] }))
    expect(server).toEqual([call(1, 'a'), call(3, 'b')])
    expect((await bench.client(call(4, 'c'))).server).toEqual([call(4, 'c')])
  })

  const FAILURES = [
    { given: 'an error', tell: (id: string) => failure(id, -32601, 'no') },
    { given: 'no list', tell: (id: string) => answer(id, { tools: 'none' }) },
    { given: 'an entry without a name', tell: (id: string) => answer(id, { tools: [{}] }) },
    {
      given: 'a question',
      tell: (id: string) => answer(id, { resultType: 'input_required', inputRequests: {} }),
    },
    {
      given: 'a key twice',
      tell: (id: string) => `{"jsonrpc":"2.0","id":"${id}","result":{"tools":[],"tools":[]}}`,
    },
    {
      given: 'a result that is no object',
      tell: (id: string) => `{"jsonrpc":"2.0","id":"${id}","result":[]}`,
    },
    { given: 'an error that is none', tell: (id: string) => `{"jsonrpc":"2.0","id":"${id}","error":"no"}` },
  ]
  it.each(FAILURES)(
    'given $given for a list, is decided without a definition, and the client hears nothing of the list [INV-1]',
    async ({ tell }) => {
      const strict = await benchOfOne(READ_ONLY)
      const denied = await strict.server(tell(own((await strict.client(call(1, 'a'))).server).id))
      expect(denied.server).toEqual([])
      expect(denied.client.map((line) => JSON.parse(line).id)).toEqual([1])
      expect(denied.client[0]).toContain('hoopctl denied the tool `a`')
      const open = await benchOfOne(ANY_TOOL)
      const { id } = own((await open.client(call(1, 'a'))).server)
      expect(await open.server(tell(id))).toEqual({ client: [], server: [call(1, 'a')] })
    },
  )

  it('given a list above the limit, is decided without a definition', async () => {
    const bench = await benchOfOne(`${ANY_TOOL}\nlimits: { messageSize: 1KiB }`)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    expect(await bench.server(answer(id, { tools: [{ name: 'x'.repeat(1024) }] }))).toEqual({
      client: [],
      server: [call(1, 'a')],
    })
  })

  it('given its cancellation, is not sent, and neither the list nor its end reaches the client', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    const cancel = notice('notifications/cancelled', { requestId: 1 })
    expect(await bench.client(cancel, call(2, 'a'))).toEqual({ client: [], server: [] })
    expect(await bench.server(answer(id, { tools: [TOOL] }))).toEqual({ client: [], server: [call(2, 'a')] })
    expect(bench.records('notification')).toMatchObject([
      { method: 'notifications/cancelled', decision: { why: 'the call was held and is not sent any more' } },
    ])
    expect((await bench.client(call(1, 'a'))).server).toEqual([call(1, 'a')])
  })

  it('given the id of a held call again, refuses it', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    await bench.client(call(1, 'a'))
    const { client } = await bench.client(request(1, 'ping'))
    expect(client).toEqual([expect.stringContaining('its id is in flight')])
  })

  it('given a change of the list in the middle of it, sends the call, and lists anew for the next', async () => {
    const bench = await benchOfOne(READ_ONLY)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    const page2 = own((await bench.server(answer(id, { tools: [TOOL], nextCursor: 'p2' }))).server)
    await bench.server(notice('notifications/tools/list_changed'))
    expect((await bench.server(answer(page2.id, { tools: [] }))).server).toEqual([call(1, 'a')])
    own((await bench.client(call(2, 'a'))).server)
  })

  it('given a change of the list in the middle of it, still refuses what it had shown changed [ATK-RUG-PULL]', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    bench.pins.check('bench', 'bench', 'tool:a', '{"name":"a"}')
    const { id } = own((await bench.client(call(1, 'a'))).server)
    const page2 = own((await bench.server(answer(id, { tools: [TOOL], nextCursor: 'p2' }))).server)
    await bench.server(notice('notifications/tools/list_changed'))
    expect((await bench.server(answer(page2.id, { tools: [] }))).server).toEqual([])
  })

  it('given pages without end, asks for a thousand of them', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    let left = await bench.client(call(1, 'a'))
    let pages = 0
    while (left.server[0] !== call(1, 'a')) {
      pages += 1
      left = await bench.server(answer(own(left.server).id, { tools: [], nextCursor: String(pages) }))
    }
    expect(pages).toBe(1000)
  })

  it('given an answer of the client under the id of that list, takes it for nothing', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    expect(await bench.client(answer(id, { tools: [] }))).toEqual({ client: [], server: [] })
    expect(bench.records('refused')).toMatchObject([
      { from: 'client', why: 'it answers no request that is open' },
    ])
    expect(await bench.client(notice('notifications/cancelled', { requestId: id }))).toEqual({
      client: [],
      server: [],
    })
    expect((await bench.client(request(id, 'ping'))).client).toEqual([
      expect.stringContaining('its id is in flight'),
    ])
    expect((await bench.server(answer(id, { tools: [TOOL] }))).server).toEqual([call(1, 'a')])
  })

  it('given two answers to that list, takes the second for nothing', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    const { id } = own((await bench.client(call(1, 'a'))).server)
    await bench.server(answer(id, { tools: [TOOL] }))
    expect(await bench.server(answer(id, { tools: [TOOL] }), lost(id, 'x'))).toEqual({
      client: [],
      server: [],
    })
  })
})
