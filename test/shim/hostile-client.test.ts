import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, failure, lost, notice, refusal, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - { allow: { tool: exact }, when: args.id == 9007199254740993 }
  - allow: { resource: "file:///docs/**" }
  - allow: { serverRequest: roots }`

const why = 'it answers no request that is open'

describe('a hostile client', () => {
  it.each([
    { given: 'to a request that was never made', line: answer('s', { roots: [] }) },
    { given: 'to a request of its own', line: answer(1, {}) },
    { given: 'as an error', line: failure('s', 1, 'x') },
    { given: 'to a denied request of the server', line: answer('denied', {}) },
  ])('that answers $given, answers nobody [ATK-STRAY-ANSWER]', async ({ line }) => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'ping'))
    await bench.server(request('denied', 'sampling/createMessage', {}))
    expect(await bench.client(line)).toEqual({ client: [], server: [] })
    expect(bench.records('refused')).toMatchObject([{ from: 'client', why }])
    expect((await bench.server(answer(1, {}))).client).toEqual([answer(1, {})])
  })

  it('that answers twice, is heard once', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'roots/list'))
    const told = answer('s', { roots: [] })
    expect((await bench.client(told, told)).server).toEqual([told])
  })

  it('that answers in a form that is refused, lets the server hear that the answer is lost', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'roots/list'))
    const { client, server } = await bench.client(
      '{"jsonrpc":"2.0","id":"s","result":{"roots":[],"roots":[]}}',
    )
    expect(client).toEqual([])
    expect(server).toEqual([lost('s', 'the answer was refused: an object in it has a key twice')])
  })

  it('that answers with half of a request in it, is refused', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'roots/list'))
    const line = '{"jsonrpc":"2.0","id":"s","result":{},"method":"tools/call","params":{"name":"b"}}'
    const refused = refusal('s', -32600, 'it has `method` together with `result` or `error`')
    expect(await bench.client(line)).toEqual({ client: [refused], server: [] })
  })

  it('that writes a second message behind a CR, a NUL or a line separator, writes one [ATK-PARSER]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const second = call(2, 'b')
    for (const between of ['\r', '\0', '\u2028', '\u0085', '\v', '\f', ' ']) {
      const { client, server } = await bench.client(`${call(1, 'a')}${between}${second}`)
      expect([client.length, server]).toEqual([1, []])
    }
    const inside = (break_: string) => `{"jsonrpc":"2.0","id":1,${break_}"method":"ping"}`
    for (const break_ of ['\r', '\0', '\u2028', '\u0085', '\v', '\f']) {
      expect((await bench.client(inside(break_))).server).toEqual([])
    }
    expect((await bench.client(inside('\t'))).server).toEqual([inside('\t')])
  })

  it('that writes line separators inside strings, is passed on: JSON allows them there', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const line = call(1, 'a', { x: 'a\u2028b\u0085c' })
    expect((await bench.client(line)).server).toEqual([line])
  })

  it('that uses an id again after it was cancelled, is refused until the late answer [ATK-ID-REUSE]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'a'), notice('notifications/cancelled', { requestId: 1 }))
    const listing = request(1, 'tools/list')
    expect((await bench.client(listing)).server).toEqual([])
    await bench.server(text(1, 'late'))
    expect((await bench.client(listing)).server).toEqual([listing])
    const { client } = await bench.server(answer(1, { tools: [{ name: 'a' }, { name: 'b' }] }))
    expect(client).toEqual([answer(1, { tools: [{ name: 'a' }] })])
  })

  it('that spells a tool’s name with escapes, is decided on the name [ATK-PARSER]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const spelled = (name: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools\\/call","params":{"name":"${name}"}}`
    expect((await bench.client(spelled('\\u0062'))).server).toEqual([])
    expect((await bench.client(spelled('\\u0061'))).server).toEqual([spelled('\\u0061')])
  })

  it('that sends keys after which its server would misread others, or such others, is refused [ATK-PARSER] [INV-3]', async () => {
    const bench = await benchOfOne("rules:\n  - allow: { tool: a }\n    when: 'args.dryRun == true'")
    await knowTools(bench)
    const asked = (args: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":${args}}}`
    for (const args of [
      '{"q":1,"\\\\u0064":1,"dryRun":true}',
      '{"q":1,"a\\\\\\"":1,"dryRun":true}',
      '{"q":1,"\\u0064ryRun":true,"z":1}',
      '{"q":1,"dry\\u0052un":true,"z":1}',
    ]) {
      const { client, server } = await bench.client(asked(args))
      expect(server).toEqual([])
      expect(client.join()).toMatch(/a key in it (?:has a backslash|writes a letter)/u)
    }
    expect((await bench.client(asked('{"q\\"\\n\\u00e9\\u003c":1,"dryRun":true}'))).server).toHaveLength(1)
  })

  it.each(['A', 'a ', ' a', 'a\u0000', 'ａ', 'a\u200b'])(
    'that calls %j, which is not the tool that a rule names, is denied [INV-1]',
    async (name) => {
      const bench = await benchOfOne(POLICY)
      await knowTools(bench)
      expect((await bench.client(call(1, name))).server).toEqual([])
    },
  )

  it.each([
    { id: '9007199254740993', sent: true },
    { id: '9007199254740992', sent: false },
    { id: '9007199254740993.0', sent: false },
    { id: '9.007199254740993e15', sent: false },
  ])('that passes the number $id, is decided on that number: sent $sent [INV-3]', async ({ id, sent }) => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const line = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"exact","arguments":{"id":${id}}}}`
    expect((await bench.client(line)).server).toEqual(sent ? [line] : [])
  })

  it.each([
    'file:///docs/../etc/passwd',
    'file:///docs/%2e%2e/etc',
    'FILE:///docs/a',
    'file://host/docs/a',
    'file:///docs//a',
    'file:///docs/a#x',
    'file:///docs\\a',
  ])('that reads %s, is denied before the server sees it [ATK-ADDRESS]', async (uri) => {
    const bench = await benchOfOne(POLICY)
    const { client, server } = await bench.client(request(1, 'resources/read', { uri }))
    expect(server).toEqual([])
    expect(JSON.parse(client[0] ?? '').error.message).toContain('the address is not in normal form')
  })

  it('that floods with refused lines, is answered on each and nothing reaches the server [ATK-FLOOD]', async () => {
    const bench = await benchOfOne(POLICY)
    const { client, server } = await bench.client(
      ...Array.from({ length: 5000 }, (_, n) => call(n, 'b')),
      ...Array.from({ length: 5000 }, () => '{'),
    )
    expect(server).toEqual([]) // no rule could allow them, so the server is not even asked for its tools
    expect(client).toHaveLength(10_000)
  })
})
