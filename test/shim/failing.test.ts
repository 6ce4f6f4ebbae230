import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, lost, refusal, request, text } from './messages.ts'

const POLICY = 'rules:\n  - allow: { tool: "*" }\n  - allow: { resource: "*" }'
const WHY = 'hoopctl failed on it, which is a bug'

// No input is known that makes the data path throw, so a part of it is made to.
const fail = () => {
  throw new Error('with hunter2 in its text')
}

describe('a bug in the data path', () => {
  it('on a request, refuses it, tells where without the text of it, and goes on [INV-1] [INV-5]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const get = bench.shim.definitions.get.bind(bench.shim.definitions)
    bench.shim.definitions.get = fail
    const { client, server } = await bench.client(call(1, 'a', { password: 'hunter2' }), request(2, 'ping'))
    expect({ client, server }).toEqual({ client: [refusal(1, -32603, WHY)], server: [request(2, 'ping')] })
    expect(bench.said).toEqual([expect.stringMatching(/^a bug: please report this to the maintainers: at /)])
    expect(bench.said.join()).not.toContain('hunter2')
    expect(bench.records('refused')).toMatchObject([{ from: 'client', why: WHY }])
    bench.shim.definitions.get = get
    expect((await bench.client(call(1, 'a'))).server).toEqual([call(1, 'a')])
  })

  it('on an answer, tells the client that it is lost and passes nothing of it', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'tools/list'), request(2, 'ping'))
    bench.shim.definitions.see = fail
    const left = await bench.server(answer(1, { tools: [{ name: 'hunter2' }] }), answer(2, {}))
    expect(left).toEqual({ client: [lost(1, `the answer was refused: ${WHY}`), answer(2, {})], server: [] })
    expect(bench.said.join()).not.toContain('hunter2')
  })

  it('on hoopctl’s own list, decides the call without a definition', async () => {
    const bench = await benchOfOne(POLICY)
    const { server } = await bench.client(call(1, 'a'))
    const { id } = JSON.parse(server[0] ?? '')
    bench.shim.definitions.see = fail
    expect(await bench.server(answer(id, { tools: [{ name: 'a' }] }))).toEqual({
      client: [],
      server: [call(1, 'a')],
    })
    expect((await bench.server(text(1, 'x'))).client).toEqual([text(1, 'x')])
  })

  it('on one of two held calls, refuses that one and sends the other', async () => {
    const bench = await benchOfOne(POLICY)
    const { server } = await bench.client(call(1, 'a'), call(2, 'b'))
    const { id } = JSON.parse(server[0] ?? '')
    const get = bench.shim.definitions.get.bind(bench.shim.definitions)
    bench.shim.definitions.get = (tool) => (tool === 'a' ? fail() : get(tool))
    const left = await bench.server(answer(id, { tools: [] }))
    expect(left).toEqual({ client: [refusal(1, -32603, WHY)], server: [call(2, 'b')] })
  })
})
