import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { benchOfOne } from './bench-of-one.ts'
import { answer, MODERN, request } from './messages.ts'

const ALL = `
rules:
  - allow: { tool: "*" }
  - ask: { resource: "file:///a/**" }
  - allow: { prompt: "*" }`

const ERAS = [
  {
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', clientInfo: { name: 'c', version: '1' } },
    scope: '',
  },
  { method: 'server/discover', params: { _meta: MODERN }, scope: '"cacheScope":"private",' },
]

/** What the client gets for the server's answer with these capabilities, written as given. */
async function shaken(policy: string, era: (typeof ERAS)[number], capabilities: string) {
  const bench = await benchOfOne(policy)
  await bench.client(request(1, era.method, era.params))
  const came = `{"jsonrpc":"2.0", "id":1,"result":{"x" : 1.0,"capabilities":${capabilities},"serverInfo":{"name":"s"}}}`
  const { client } = await bench.server(came)
  return { bench, came, client }
}

const passed = (era: (typeof ERAS)[number], capabilities: string) => [
  `{"jsonrpc":"2.0", "id":1,"result":{${era.scope}"x" : 1.0,"capabilities":${capabilities},"serverInfo":{"name":"s"}}}`,
]

describe.each(ERAS)('the answer to $method', (era) => {
  const FULL =
    '{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"completions":{},"logging":{},"tasks":{},"x":{"y":1}}'

  it('given capabilities that policy could use, keeps them as they came', async () => {
    const { client } = await shaken(ALL, era, FULL)
    expect(client).toEqual(passed(era, FULL))
  })

  it('adds `listChanged: true` to what the server has, and to nothing else', async () => {
    const { client } = await shaken(
      ALL,
      era,
      '{ "tools":{}, "resources" : {"subscribe":true, "listChanged":false},"logging":{} }',
    )
    expect(client).toEqual(
      passed(
        era,
        '{ "tools":{"listChanged":true}, "resources" : {"subscribe":true, "listChanged":true},"logging":{} }',
      ),
    )
  })

  const TRIMMED = [
    {
      given: 'tools only',
      rules: '- allow: { tool: "*" }',
      kept: '{"tools":{"listChanged":true},"logging":{},"tasks":{},"x":{"y":1}}',
      hidden: ['resources', 'prompts', 'completions'],
    },
    {
      given: 'an ask rule for prompts',
      rules: '- ask: { prompt: "*" }',
      kept: '{"prompts":{"listChanged":true},"completions":{},"logging":{},"tasks":{},"x":{"y":1}}',
      hidden: ['tools', 'resources'],
    },
    {
      given: 'a server request only',
      rules: '- allow: { serverRequest: roots }',
      kept: '{"logging":{},"x":{"y":1}}',
      hidden: ['tools', 'resources', 'prompts', 'completions', 'tasks'],
    },
    {
      given: 'an allow that a deny covers in part',
      rules:
        '- allow: { tool: "*" }\n  - deny: { tool: a_* }\n  - allow: { resource: "*" }\n  - allow: { prompt: a }',
      kept: FULL,
      hidden: null,
    },
    {
      given: 'a deny under a condition',
      rules:
        '- allow: { tool: "*" }\n  - { deny: { tool: "*" }, when: args.x == 1 }\n  - allow: { resource: "*" }\n  - allow: { prompt: a }',
      kept: FULL,
      hidden: null,
    },
  ]
  it.each(TRIMMED)('given $given, keeps what could ever be allowed', async ({ rules, kept, hidden }) => {
    const { bench, came, client } = await shaken(`rules:\n  ${rules}`, era, FULL)
    expect(client).toEqual(passed(era, kept))
    const received = { bytes: came.length, sha256: sha256(came) }
    const [record] = bench.records('response')
    if (hidden !== null) expect(record?.['changed']).toEqual({ hidden, received })
    expect(record?.['message']).toEqual(JSON.parse(client[0] ?? ''))
  })

  it.each(['[]', '{"tools":true,"resources":[],"prompts":null}'])(
    'given %s where objects belong, leaves it',
    async (odd) => {
      const { client } = await shaken(ALL, era, odd)
      expect(client).toEqual(passed(era, odd))
    },
  )
})

describe('the client’s name', () => {
  it.each([
    { given: 'initialize', line: request(1, 'initialize', { clientInfo: { name: 'c', version: '1' } }) },
    {
      given: '_meta',
      line: request(1, 'ping', {
        _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' } },
      }),
    },
  ])('given in $given, is recorded once and holds in conditions', async ({ line }) => {
    const bench = await benchOfOne('rules:\n  - { allow: { prompt: "*" }, when: client.name == "c" }')
    const get = request(2, 'prompts/get', { name: 'p' })
    expect((await bench.client(get)).server).toEqual([])
    await bench.client(line, line.replace('"id":1', '"id":3'))
    expect((await bench.client(get)).server).toEqual([get])
    const context = { kind: 'context', cause: 'client', client: { name: 'c', version: '1' } }
    expect(bench.records('context').slice(1)).toEqual([context])
  })

  it('given a shape that is none, is not known', async () => {
    const bench = await benchOfOne(ALL)
    await bench.client(request(1, 'initialize', { clientInfo: { name: 7 } }))
    expect(bench.records('context')).toHaveLength(1)
    await bench.server(answer(1, { capabilities: {} }))
  })
})
