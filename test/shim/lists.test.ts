import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { benchOfOne } from './bench-of-one.ts'
import { answer, call, MODERN, request } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: read_* }
  - ask: { tool: write }
  - { allow: { tool: maybe }, when: args.x == 1 }
  - deny: { tool: read_secret }
  - { deny: { tool: read_some }, when: args.x == 1 }
  - allow: { resource: "file:///docs/**" }
  - allow: { prompt: p }`

const LISTS = [
  {
    method: 'tools/list',
    member: 'tools',
    entries: [
      '{"name":"read_a", "description":"1.50 \\u00e9"}',
      '{"name":"read_secret"}',
      '{ "name" : "write" }',
      '{"name":"other"}',
      '{"name":"maybe"}',
      '{"name":"read_some"}',
    ],
    hidden: ['read_secret', 'other'],
    kept: [0, 2, 4, 5],
  },
  {
    method: 'resources/list',
    member: 'resources',
    entries: [
      '{"uri":"file:///docs/a"}',
      '{"uri":"file:///etc/passwd"}',
      '{"uri":"file:///docs/../etc"}',
      '{"uri":"file:///docs/b/c"}',
    ],
    hidden: ['file:///etc/passwd', 'file:///docs/../etc'],
    kept: [0, 3],
  },
  {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    entries: [
      '{"uriTemplate":"file:///docs/{x}"}',
      '{"uriTemplate":"file:///etc/{x}"}',
      '{"uriTemplate":"{+any}"}',
    ],
    hidden: ['file:///etc/{x}'],
    kept: [0, 2],
  },
  {
    method: 'prompts/list',
    member: 'prompts',
    entries: ['{"name":"q"}', '{"name":"p"}'],
    hidden: ['q'],
    kept: [1],
  },
  { method: 'tasks/list', member: 'tasks', entries: ['{"taskId":"t"}'], hidden: ['t'], kept: [] },
]

describe.each(LISTS)('the answer to $method', ({ method, member, entries, hidden, kept }) => {
  const written = (texts: readonly string[], separator: string) =>
    `{"jsonrpc":"2.0","id":1,"result":{"nextCursor":"c", "${member}" :[${texts.join(separator)}],"n":1e2}}`

  it('shows what could be allowed or asked, and leaves all other bytes as they came [INV-6]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, method))
    const came = written(entries, ' ,\n '.replace('\n', '\t'))
    const { client } = await bench.server(came)
    const left = written(
      kept.map((index) => entries[index] ?? ''),
      ',',
    )
    expect(client).toEqual([left])
    const received = { bytes: Buffer.byteLength(came), sha256: sha256(came) }
    const forwarded = { bytes: Buffer.byteLength(left), sha256: sha256(left), message: JSON.parse(left) }
    expect(bench.records('response')).toEqual([
      {
        kind: 'response',
        from: 'server',
        exchange: 1,
        isError: false,
        changed: { hidden, received },
        ...forwarded,
      },
    ])
  })

  it('given nothing to hide, passes as the bytes that came', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, method))
    const came = written(
      kept.map((index) => entries[index] ?? ''),
      ' , ',
    )
    expect(await bench.server(came)).toEqual({ client: [came], server: [] })
    expect(bench.records('response')).toMatchObject([
      { bytes: Buffer.byteLength(came), sha256: sha256(came) },
    ])
    expect(bench.records('response')[0]).not.toHaveProperty('changed')
  })

  it('given an error, passes it', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, method))
    const came = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}'
    expect(await bench.server(came)).toEqual({ client: [came], server: [] })
  })
})

describe('what may be kept in a cache', () => {
  const LISTED = '"tools":[{"name":"read_a"}]'
  const CASES = [
    {
      given: 'nothing, in 2026-07-28',
      modern: true,
      came: `{${LISTED}}`,
      left: `{"cacheScope":"private",${LISTED}}`,
    },
    {
      given: '`public`',
      modern: true,
      came: `{${LISTED}, "cacheScope" : "public", "ttlMs":5}`,
      left: `{${LISTED}, "cacheScope" : "private", "ttlMs":5}`,
    },
    {
      given: '`private`',
      modern: true,
      came: `{${LISTED},"cacheScope":"private"}`,
      left: `{${LISTED},"cacheScope":"private"}`,
    },
    {
      given: '`public`, before 2026',
      modern: false,
      came: `{${LISTED},"cacheScope":"public"}`,
      left: `{${LISTED},"cacheScope":"private"}`,
    },
    { given: 'nothing, before 2026', modern: false, came: `{${LISTED}}`, left: `{${LISTED}}` },
    {
      given: 'a scope that is no string',
      modern: true,
      came: `{${LISTED},"cacheScope":{"a":[1]}}`,
      left: `{${LISTED},"cacheScope":"private"}`,
    },
  ]
  it.each(CASES)('given $given, is private to this subject', async ({ modern, came, left }) => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'tools/list', modern ? { _meta: MODERN } : {}))
    const line = (result: string) => `{"jsonrpc":"2.0","id":1,"result":${result}}`
    expect(await bench.server(line(came))).toEqual({ client: [line(left)], server: [] })
    expect('changed' in (bench.records('response')[0] ?? {})).toBe(came !== left)
  })

  it('given a read, is private; given a call, stays as it came', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(
      request(1, 'resources/read', { uri: 'file:///docs/a', _meta: MODERN }),
      request(2, 'tools/list'),
    )
    await bench.server(answer(2, { tools: [] }))
    expect((await bench.server(answer(1, { contents: [], cacheScope: 'public' }))).client).toEqual([
      answer(1, { contents: [], cacheScope: 'private' }),
    ])
    await bench.client(call(3, 'read_a', {}, { _meta: MODERN }))
    expect((await bench.server(answer(3, { content: [], cacheScope: 'public' }))).client).toEqual([
      answer(3, { content: [], cacheScope: 'public' }),
    ])
  })
})
