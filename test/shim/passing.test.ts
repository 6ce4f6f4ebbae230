import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { PersonNearby } from './a-desk.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, MODERN, notice, request, text } from './messages.ts'

const ANYTHING = `
rules:
  - allow: { tool: "*" }
  - allow: { resource: "*" }
  - allow: { prompt: "*" }
  - allow: { serverRequest: "*" }`

// JSON as nobody's serializer writes it: white space, escapes, numbers of any size, deep nesting.
const spaced = fc.constantFrom('', '', ' ', '\t')
const scalar = fc.oneof(
  fc.constantFrom(
    '1.50',
    '-0',
    '1e400',
    '9007199254740993',
    '0.1E-5',
    'true',
    'null',
    '"\\u00e9\\/\\n"',
    '"\\ud83d\\ude00"',
    '"\\\\"',
  ),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
)
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    scalar,
    fc
      .array(fc.tuple(spaced, tie('json')), { maxLength: 4 })
      .map((all) => `[${all.map(([gap, value]) => gap + value).join(',')}]`),
    fc
      .array(fc.tuple(spaced, tie('json')), { maxLength: 4 })
      .map((all) => `{${all.map(([gap, value], index) => `${gap}"k${index}"${gap}:${value}`).join(',')}}`),
  ),
}))
const cuts = fc.array(fc.nat(10_000), { maxLength: 12 })

function chunksOf(text: string, at: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text)
  const ends = [...new Set(at.map((cut) => cut % bytes.length))].sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('what is allowed', () => {
  it('given any JSON in any chunks, passes byte for byte, both ways [INV-3] [INV-7]', async () => {
    const bench = await benchOfOne(ANYTHING)
    await knowTools(bench)
    let id = 0
    await fc.assert(
      fc.asyncProperty(json, json, cuts, fc.constantFrom('\n', '\r\n'), async (args, content, at, end) => {
        id += 1
        const asked = `{"params":{"name":"a","arguments":{"x":${args}}}, "id":${id},"jsonrpc":"2.0","method":"tools/call"}`
        const told = `{"result":{"content":[],"structuredContent":{"x":${content}}},"id":${id} ,"jsonrpc":"2.0"}`
        const seen = { client: [] as string[], server: [] as string[] }
        for (const chunk of chunksOf(asked + end, at))
          seen.server.push(...(await bench.chunk('client', chunk)).server)
        for (const chunk of chunksOf(told + end, at))
          seen.client.push(...(await bench.chunk('server', chunk)).client)
        expect(seen).toEqual({ client: [told], server: [asked] })
      }),
      { numRuns: 300 },
    )
  })

  it('given one message split after each of its bytes, passes whole', async () => {
    const bench = await benchOfOne(ANYTHING)
    const line = request(1, 'ping', { é: '😀\u2028', x: ['"', '\\', '\n'] })
    for (let cut = 1; cut <= Buffer.byteLength(line); cut++) {
      const numbered = line.replace('"id":1', `"id":${cut % 10}`)
      const [head = new Uint8Array(), tail = new Uint8Array()] = chunksOf(`${numbered}\n`, [cut])
      const left = [
        ...(await bench.chunk('client', head)).server,
        ...(await bench.chunk('client', tail)).server,
      ]
      await bench.server(answer(cut % 10, {}))
      expect(left).toEqual([numbered])
    }
  })

  it('given a whole session of either era, passes as the bytes that came, in the order that they came [INV-7]', async () => {
    const bench = await benchOfOne(ANYTHING)
    const capabilities = { tools: { listChanged: true }, logging: {} }
    const steps: ['client' | 'server', string][] = [
      [
        'client',
        request(0, 'initialize', {
          protocolVersion: '2025-11-25',
          capabilities: { roots: {} },
          clientInfo: { name: 'c', version: '1' },
        }),
      ],
      [
        'server',
        answer(0, {
          protocolVersion: '2025-11-25',
          capabilities,
          serverInfo: { name: 's', version: '1' },
          instructions: 'be kind',
        }),
      ],
      ['client', notice('notifications/initialized')],
      ['client', request(1, 'tools/list', {})],
      ['server', answer(1, { tools: [{ name: 'a', inputSchema: { type: 'object' } }] })],
      ['client', call(2, 'a', { n: 1 }, { _meta: { progressToken: 'p' } })],
      ['server', notice('notifications/progress', { progressToken: 'p', progress: 1, total: 2 })],
      ['server', notice('notifications/message', { level: 'info', data: { any: ['thing'] } })],
      ['server', request('s', 'sampling/createMessage', { messages: [], maxTokens: 5 })],
      ['client', answer('s', { role: 'assistant', model: 'm', content: { type: 'text', text: 'x' } })],
      ['server', text(2, 'done')],
      ['client', request(3, 'resources/subscribe', { uri: 'file:///a' })],
      ['server', answer(3, {})],
      ['server', notice('notifications/resources/updated', { uri: 'file:///a' })],
      ['client', request(4, 'prompts/get', { name: 'p', arguments: { x: '1' } })],
      ['server', answer(4, { messages: [{ role: 'user', content: { type: 'text', text: 'x' } }] })],
      ['client', call(5, 'a', {}, { _meta: MODERN })],
      [
        'server',
        answer(5, {
          resultType: 'input_required',
          inputRequests: { q: { method: 'roots/list' } },
          requestState: 'r',
        }),
      ],
      [
        'client',
        call(6, 'a', {}, { _meta: MODERN, inputResponses: { q: { roots: [] } }, requestState: 'r' }),
      ],
      ['server', answer(6, { resultType: 'complete', content: [] })],
      ['server', '{"jsonrpc":"2.0","id":"x","method":"ping"}'],
      ['client', '{"id":"x","result":{},"jsonrpc":"2.0"}'],
      ['client', request(7, 'logging/setLevel', { level: 'debug' })],
      ['server', '{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"no","data":[1]}}'],
    ]
    for (const [from, line] of steps) {
      const expected = from === 'client' ? { client: [], server: [line] } : { client: [line], server: [] }
      expect(await bench[from](line)).toEqual(expected)
    }
    expect(bench.said).toEqual([])
  })
})

describe('a decision', () => {
  const RULES = [
    '- { allow: { tool: "*" }, name: all }',
    '- { deny: { tool: "*" }, name: odd, when: args.x == 9007199254740993 }',
    '- { ask: { tool: "*" }, name: big, when: args.x > 100 }',
    '- { deny: { tool: "*" }, name: typed, when: args.y == "no" }',
  ]
  const args = fc.record({
    x: fc.constantFrom('1', '101', '9007199254740993', '9007199254740992', '1.5', '1e400', '"1"', 'null'),
    y: fc.constantFrom('"no"', '"n\\u006f"', '"yes"', '1'),
  })

  it('depends on no chunking, no order of keys and no order of rules [INV-2]', async () => {
    const orders = [RULES, RULES.toReversed(), [...RULES.slice(2), ...RULES.slice(0, 2)]]
    const benches = await Promise.all(orders.map((rules) => benchOfOne(`rules:\n  ${rules.join('\n  ')}`)))
    for (const bench of benches) await knowTools(bench)
    let id = 0
    await fc.assert(
      fc.asyncProperty(args, cuts, async ({ x, y }, at) => {
        id += 1
        const spelled = [`{"x":${x},"y":${y}}`, `{ "y" :${y}, "x":${x} }`, `{"y" : ${y},\t"x":${x}}`]
        const decisions: unknown[] = []
        for (const [index, bench] of benches.entries()) {
          const line = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"arguments":${spelled[index]},"name":"a"}}\n`
          for (const chunk of chunksOf(line, index === 0 ? [] : at)) await bench.chunk('client', chunk)
          const decision = bench.records('request').at(-1)?.['decision']
          decisions.push(
            JSON.stringify(decision, (key, value) =>
              key === 'rules' ? (value as string[]).toSorted((a, b) => a.localeCompare(b)) : value,
            ),
          )
          await bench.server(text(id, 'x'))
        }
        expect(new Set(decisions).size).toBe(1)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    { x: '9007199254740992', effect: 'ask' },
    { x: '9007199254740993', effect: 'deny' },
    { x: '1', effect: 'allow' },
    { x: '1e400', effect: 'deny' },
  ])(
    'given the number $x, is $effect: numbers reach conditions as they were written [INV-3]',
    async ({ x, effect }) => {
      const person = new PersonNearby()
      const bench = await benchOfOne(`rules:\n  ${RULES.join('\n  ')}`, { desk: person.desk })
      await knowTools(bench)
      await bench.client(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":${x},"y":""}}}`,
      )
      person.close()
      expect(bench.records('request').at(-1)).toMatchObject({ decision: { effect } })
    },
  )
})
