import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { answer, call, MODERN, notice, request, text } from './messages.ts'

const NOT_CURSOR = `rules:
  - allow: { tool: "*" }
  - deny: { tool: "*" }
    when: client.name == "cursor"`
const ANY_TOOL = 'rules:\n  - allow: { tool: "*" }'
const initialize = (name: string) =>
  request(0, 'initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name, version: '1' },
  })
const ping = (name: string) =>
  request(9, 'ping', { _meta: { 'io.modelcontextprotocol/clientInfo': { name } } })

describe('a held call', () => {
  it.each([
    { first: 'cursor', next: 'other', sent: false },
    { first: 'other', next: 'cursor', sent: true },
    { first: 'cursor', next: 'cursor', sent: false },
  ])('that $first sent before $next spoke, is judged for $first [INV-1]', async ({ first, next, sent }) => {
    const bench = await benchOfOne(NOT_CURSOR)
    const held = call(1, 'a')
    const { server } = await bench.client(initialize(first), held, ping(next))
    const list = server.map((line) => JSON.parse(line)).find(({ method }) => method === 'tools/list')
    const after =
      list === undefined ? [] : (await bench.server(answer(list.id, { tools: [{ name: 'a' }] }))).server
    expect([...server, ...after].includes(held)).toBe(sent)
  })
})

describe('what costs more than it should', () => {
  it('given megabytes beside one escaped pair, passes on as it came', async () => {
    const bench = await benchOfOne(ANY_TOOL)
    const [list = '{}'] = (await bench.client(call(0, 'a'))).server
    await bench.server(answer(JSON.parse(list).id, { tools: [{ name: 'a' }] }))
    const long = call(1, 'a', { e: 'E', x: 'a'.repeat(9_000_000) }).replace('"E"', '"\\ud83d\\ude00"')
    expect((await bench.client(long)).server).toEqual([long])
    const { client, server } = await bench.client(long.replace('\\ude00', '').replace('"id":1', '"id":2'))
    expect([client.length, server]).toEqual([1, []])
  })

  it.each(['0', '9'])(
    'given a number with a million digits %s, fails the condition at once',
    async (digit) => {
      const bench = await benchOfOne('rules:\n  - allow: { tool: a }\n    when: args.n > 0.5')
      const [list = '{}'] = (await bench.client(call(0, 'a', { n: 1 }))).server
      await bench.server(answer(JSON.parse(list).id, { tools: [{ name: 'a' }] }))
      const long = call(1, 'a', { n: 7 }).replace('"n":7', `"n":1.${digit.repeat(1_000_000)}1`)
      const { client, server } = await bench.client(long)
      expect([client.length, server]).toEqual([1, []])
      expect((await bench.client(call(2, 'a', { n: 0.75 }))).server).toHaveLength(1)
    },
  )
})

describe('a retry that brings answers', () => {
  const retry = (inputResponses: object) =>
    request(1, 'tools/call', { name: 'a', arguments: { path: '/etc/passwd' }, inputResponses, _meta: MODERN })
  const record = async (inputResponses: object) => {
    const bench = await benchOfOne(ANY_TOOL)
    const [list = '{}'] = (await bench.client(retry(inputResponses))).server
    await bench.server(answer(JSON.parse(list).id, { tools: [{ name: 'a' }] }))
    return bench.records('request').find(({ tool }) => tool === 'a') ?? {}
  }

  it('given answers of a person, is recorded with its arguments and without the answers [INV-4]', async () => {
    const found = await record({ k: { action: 'accept', content: { token: 'hunter2' } } })
    expect(JSON.stringify(found)).not.toContain('hunter2')
    expect(found).toMatchObject({ answers: { 'k.token': 7 } })
    expect(JSON.parse(String(found['params']))).toMatchObject({ arguments: { path: '/etc/passwd' } })
  })

  it('given none, is recorded whole [INV-4]', async () => {
    expect(await record({})).toMatchObject({ message: { params: { arguments: { path: '/etc/passwd' } } } })
  })

  it('given thousands, is recorded with a few of them', async () => {
    const content = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, 1]))
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, { content }]))
    const { answers = {} } = await record(many)
    expect(Object.keys(answers as object)).toHaveLength(64)
  })
})

describe('openCalls', () => {
  it('counts calls that were cancelled and not answered [ATK-FLOOD]', async () => {
    const bench = await benchOfOne(`${ANY_TOOL}\nlimits: { openCalls: 2 }`)
    const [list = '{}'] = (await bench.client(call(0, 'a'))).server
    await bench.server(answer(JSON.parse(list).id, { tools: [{ name: 'a' }] }), text(0, 'done'))
    const cancel = (requestId: number) => notice('notifications/cancelled', { requestId })
    const lines = [1, 2, 3, 4].flatMap((id) => [call(id, 'a'), cancel(id)])
    const { server } = await bench.client(...lines)
    expect(server).toEqual([call(1, 'a'), cancel(1), call(2, 'a'), cancel(2)])
    await bench.server(text(1, 'late'))
    expect((await bench.client(call(5, 'a'))).server).toEqual([call(5, 'a')])
  })
})
