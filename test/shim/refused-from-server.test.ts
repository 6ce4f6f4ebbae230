import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import type { LoggedRecord } from './log-records.ts'
import { answer, call, failure, lost, refusal, request, text } from './messages.ts'

const ANYTHING = `
rules:
  - allow: { tool: "*" }
  - allow: { resource: "*" }
  - allow: { prompt: "*" }
  - allow: { serverRequest: "*" }`

const nested = (levels: number) =>
  `{"jsonrpc":"2.0","id":1,"result":${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`

const STRAY =
  'a server may print only messages on its stdout: run its command by hand to see what else it prints'

describe('a line of the server that is no message', () => {
  it.each(['hello', '{"jsonrpc":"2.0"', '[1]', '"x"', '{"jsonrpc":"2.0"}', 'Listening on \u001b[1m3000'])(
    'given %j, tells stderr its length and digest and the client nothing',
    async (line) => {
      const bench = await benchOfOne(ANYTHING)
      expect(await bench.server(line)).toEqual({ client: [], server: [] })
      const [record = {}] = bench.records('refused')
      const measured = {
        bytes: Buffer.byteLength(line),
        sha256: sha256(line),
        head: Buffer.from(line).toString('base64'),
      }
      expect(record).toEqual({ kind: 'refused', from: 'server', why: record['why'], ...measured })
      const told = `refused from the server \`bench\`: ${String(record['why'])} (${measured.bytes} bytes, sha256 ${measured.sha256})`
      const hint = record['why'] === 'it is not JSON' ? `; ${STRAY}` : ''
      expect(bench.said).toEqual([`${told}${hint}`])
      // Said once: a banner has many lines.
      await bench.server(line)
      expect(bench.said.slice(1)).toEqual([told])
    },
  )

  it('given one above the limit that answers a request, tells the client that the answer is lost', async () => {
    const bench = await benchOfOne(`${ANYTHING}\nlimits: { messageSize: 1KiB }`)
    await bench.client(request(1, 'ping'), request(2, 'ping'))
    const long = answer(1, { x: 'x'.repeat(1024) })
    const why = `it has ${long.length} bytes, above the limit of 1024 (limits.messageSize)`
    expect(await bench.server(long)).toEqual({
      client: [lost(1, `the answer was refused: ${why}`)],
      server: [],
    })
    expect(bench.records('refused')).toMatchObject([
      { from: 'server', why, bytes: long.length, sha256: sha256(long) },
    ])
    const fits = answer(2, { x: 'x'.repeat(1024 - answer(2, { x: '' }).length) })
    expect(await bench.server(fits)).toEqual({ client: [fits], server: [] })
  })
})

describe('an answer of the server', () => {
  const UNSOUND = [
    {
      given: 'a key twice',
      line: '{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}',
      why: 'an object in it has a key twice',
    },
    {
      given: 'half of a pair',
      line: '{"jsonrpc":"2.0","id":1,"result":{"a":"\\ud83d"}}',
      why: 'it has half of a surrogate pair',
    },
    {
      given: 'a carriage return',
      line: '{"jsonrpc":"2.0","id":1,\r"result":{}}',
      why: 'it has a carriage return that no newline follows',
    },
    { given: '129 levels', line: nested(129), why: 'it is nested deeper than 128 levels' },
    { given: 'a byte order mark', line: `\ufeff${answer(1, {})}`, why: 'it begins with a byte order mark' },
    {
      given: '`Result`',
      line: '{"jsonrpc":"2.0","id":1,"result":{},"Result":{}}',
      why: 'a key in it differs from `result` in case only',
    },
    {
      given: 'a result and an error',
      line: '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
      why: 'it has both `result` and `error`',
    },
    {
      given: 'a result that is null',
      line: '{"jsonrpc":"2.0","id":1,"result":null}',
      why: '`result` is no object',
    },
    {
      given: 'an error without a code',
      line: '{"jsonrpc":"2.0","id":1,"error":{"message":"x"}}',
      why: '`error` is no error object',
    },
    { given: 'another version', line: '{"jsonrpc":"1.0","id":1,"result":{}}', why: '`jsonrpc` is not "2.0"' },
  ]
  it.each(UNSOUND)(
    'given $given, is refused, and the client hears that the answer is lost [INV-3]',
    async ({ line, why }) => {
      const bench = await benchOfOne(ANYTHING)
      await bench.client(request(1, 'ping'))
      expect(await bench.server(line)).toEqual({
        client: [lost(1, `the answer was refused: ${why}`)],
        server: [],
      })
      expect(bench.records('refused', 'response')).toMatchObject([
        { kind: 'refused', from: 'server', why, sha256: sha256(line) },
        {
          kind: 'response',
          from: 'hoopctl',
          exchange: 1,
          isError: true,
          message: { error: { code: -32603 } },
        },
      ])
      expect(await bench.client(request(1, 'ping'))).toEqual({ client: [], server: [request(1, 'ping')] })
    },
  )

  it.each([nested(128), '{"jsonrpc":"2.0","id":1,"result":{"a":1,"A":2,"n":1e400}}'])(
    'given sound ones such as %.60s, passes as the bytes that came',
    async (line) => {
      const bench = await benchOfOne(ANYTHING)
      await bench.client(request(1, 'ping'))
      expect(await bench.server(line)).toEqual({ client: [line], server: [] })
    },
  )

  const STRAY = [
    { given: 'to nothing', line: answer(7, {}) },
    { given: 'under "1" for the id 1', line: answer('1', {}) },
    { given: 'under no id', line: failure(null, -32700, 'Parse error') },
    { given: 'that is an error to nothing', line: failure(7, 1, 'x') },
  ]
  it.each(STRAY)(
    'given one $given, passes nothing on, and the right one still passes [ATK-STRAY-ANSWER]',
    async ({ line }) => {
      const bench = await benchOfOne(ANYTHING)
      await bench.client(request(1, 'ping'))
      expect(await bench.server(line)).toEqual({ client: [], server: [] })
      expect(bench.records('refused')).toHaveLength(1)
      expect(bench.said).toHaveLength(1)
      expect(await bench.server(answer(1, {}))).toEqual({ client: [answer(1, {})], server: [] })
    },
  )

  it('given a second one, passes the first only', async () => {
    const bench = await benchOfOne(ANYTHING)
    await bench.client(request(1, 'ping'))
    expect(await bench.server(answer(1, { n: 1 }), answer(1, { n: 2 }))).toEqual({
      client: [answer(1, { n: 1 })],
      server: [],
    })
    expect(bench.records('refused')).toMatchObject([{ why: 'it answers no request that is open' }])
  })

  const list = (more: object) => ({ tools: [{ name: 'a' }], ...more })
  const SHAPES = [
    {
      method: 'tools/list',
      given: 'no list',
      result: {},
      why: 'the answer to tools/list holds no list',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: 'a list that is an object',
      result: { tools: { 0: {} } },
      why: 'the answer to tools/list holds no list',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: 'an entry without a name',
      result: list({ tools: [{ name: 'a' }, {}] }),
      why: 'an entry of tools/list has no name',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: 'an entry whose name is a number',
      result: list({ tools: [{ name: 1 }] }),
      why: 'an entry of tools/list has no name',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: 'an entry that is null',
      result: list({ tools: [null] }),
      why: 'an entry of tools/list has no name',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: '`Name`',
      result: list({ tools: [{ name: 'a', Name: 'b' }] }),
      why: 'a key in tools/list differs from `name` in case only',
      twin: list({}),
    },
    {
      method: 'tools/list',
      given: '`TOOLS`',
      result: list({ TOOLS: [{ name: 'b' }] }),
      why: 'a key of the result differs from `tools` in case only',
      twin: list({ other: [] }),
    },
    {
      method: 'tools/list',
      given: 'a `resultType` that is unknown',
      result: list({ resultType: 'partial' }),
      why: 'its `resultType` is unknown',
      twin: list({ resultType: 'complete' }),
    },
    {
      method: 'resources/list',
      given: 'an entry without an address',
      result: { resources: [{ name: 'a' }] },
      why: 'an entry of resources/list has no uri',
      twin: { resources: [{ uri: 'file:///a' }] },
    },
    {
      method: 'resources/templates/list',
      given: 'an entry without a template',
      result: { resourceTemplates: [{ uri: 'a' }] },
      why: 'an entry of resources/templates/list has no uriTemplate',
      twin: { resourceTemplates: [{ uriTemplate: 'file:///{a}' }] },
    },
    {
      method: 'prompts/list',
      given: 'no list',
      result: { tools: [] },
      why: 'the answer to prompts/list holds no list',
      twin: { prompts: [{ name: 'a' }] },
    },
    {
      method: 'ping',
      given: 'a `resultType` that is a list',
      result: { resultType: ['complete'] },
      why: 'its `resultType` is unknown',
      twin: {},
    },
    {
      method: 'ping',
      given: '_meta that is a list',
      result: { _meta: [] },
      why: '`_meta` of the result is no object',
      twin: { _meta: {} },
    },
  ]
  it.each(SHAPES)(
    'given $method and $given, is replaced by an error that says so, and its twin passes [INV-3] [ATK-IMITATION]',
    async ({ method, result, why, twin }) => {
      const bench = await benchOfOne(ANYTHING)
      await bench.client(request(1, method), request(2, method))
      const replaced = lost(1, `the server's answer was refused: ${why}`)
      expect(await bench.server(answer(1, result))).toEqual({ client: [replaced], server: [] })
      expect(bench.records('response')).toEqual([replacement(1, why, answer(1, result), replaced)])
      expect(await bench.server(answer(2, twin))).toEqual({ client: [answer(2, twin)], server: [] })
    },
  )

  it.each([{ content: 'hi' }, { content: [null] }, { content: [], Content: [] }])(
    'given a call and the result %j, is replaced by an error, and its twin passes',
    async (result) => {
      const bench = await benchOfOne(ANYTHING)
      await knowTools(bench)
      await bench.client(call(1, 'a'), call(2, 'a'))
      expect((await bench.server(answer(1, result))).client).toEqual([
        expect.stringContaining("the server's answer was refused"),
      ])
      expect((await bench.server(text(2, 'hi'))).client).toEqual([text(2, 'hi')])
    },
  )
})

describe('a request of the server', () => {
  it('given an id in flight, is refused without an id; given a free one, passes', async () => {
    const bench = await benchOfOne(ANYTHING)
    expect(await bench.server(request(1, 'ping'))).toEqual({ client: [request(1, 'ping')], server: [] })
    const again = request(1, 'roots/list')
    expect(await bench.server(again)).toEqual({
      client: [],
      server: [refusal(null, -32600, 'its id is in flight')],
    })
    expect(await bench.client(answer(1, {}))).toEqual({ client: [], server: [answer(1, {})] })
    expect(await bench.server(again)).toEqual({ client: [again], server: [] })
  })

  it('given an id that the client has in flight, passes: each side counts its own', async () => {
    const bench = await benchOfOne(ANYTHING)
    await bench.client(request(1, 'prompts/list'))
    expect(await bench.server(request(1, 'ping'))).toEqual({ client: [request(1, 'ping')], server: [] })
    expect(await bench.client(answer(1, {}))).toEqual({ client: [], server: [answer(1, {})] })
    expect((await bench.server(answer(1, { prompts: [] }))).client).toEqual([answer(1, { prompts: [] })])
  })

  it('given a form that is not sound, is refused to the server under its id', async () => {
    const bench = await benchOfOne(ANYTHING)
    const line = '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'
    expect(await bench.server(line)).toEqual({
      client: [],
      server: [refusal(1, -32602, '`params` is no object')],
    })
  })
})

function replacement(exchange: number, why: string, came: string, sent: string): LoggedRecord {
  const received = { bytes: came.length, sha256: sha256(came) }
  const message = { bytes: sent.length, sha256: sha256(sent), message: JSON.parse(sent) }
  return { kind: 'response', from: 'server', exchange, isError: true, changed: { why, received }, ...message }
}
