import { describe, expect, it } from 'vitest'
import { answerUnrecorded } from '../../src/shim/absent-server.ts'
import { answerOpen } from '../../src/shim/answer-open.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, failure, lost, MODERN, notice, refusal, request } from './messages.ts'

const POLICY = 'rules:\n  - allow: { tool: "*" }'
const WHY = 'the server `bench` did not start: there is no executable `x`'

async function benchWithoutServer() {
  const bench = await benchOfOne(POLICY)
  bench.shim.progress.absent = { why: WHY, ended: false }
  return bench
}

describe('while there is no server', () => {
  const modern = { _meta: MODERN }
  it.each([
    { given: request(1, 'tools/list'), told: answer(1, { tools: [] }) },
    { given: request(1, 'tools/list', modern), told: answer(1, { resultType: 'complete', tools: [] }) },
    { given: request(1, 'resources/list'), told: answer(1, { resources: [] }) },
    { given: request(1, 'prompts/list'), told: answer(1, { prompts: [] }) },
    { given: request(1, 'ping'), told: answer(1, {}) },
    {
      given: call(1, 'a'),
      told: answer(1, { content: [{ type: 'text', text: `hoopctl: ${WHY}` }], isError: true }),
    },
    {
      given: request(1, 'resources/read', { uri: 'file:///a' }),
      told: failure(1, -32010, `hoopctl: ${WHY}`),
    },
    { given: request(1, 'constructor'), told: failure(1, -32010, `hoopctl: ${WHY}`) },
    { given: '{', told: refusal(null, -32700, 'it is not JSON') },
  ])('given $given, hoopctl answers with the reason and records both [INV-1]', async ({ given, told }) => {
    const bench = await benchWithoutServer()
    expect(await bench.client(given)).toEqual({ client: [told], server: [] })
    const records = bench
      .records('request', 'response', 'refused')
      .map(({ kind, from, decision }) => [kind, from, decision])
    const denied = { effect: 'deny', rules: [], why: WHY }
    const both = [
      ['request', 'client', denied],
      ['response', 'hoopctl', undefined],
    ]
    expect(records).toEqual(given === '{' ? [['refused', 'client', undefined]] : both)
  })

  it('given a server that has ended, even the handshake fails, so that the client sees it', async () => {
    const bench = await benchOfOne(POLICY)
    bench.shim.progress.absent = { why: WHY, ended: true }
    const told = await bench.client(request(1, 'initialize', {}), request(2, 'tools/list'), call(3, 'a'))
    expect(told.client).toEqual([
      failure(1, -32010, `hoopctl: ${WHY}`),
      failure(2, -32010, `hoopctl: ${WHY}`),
      answer(3, { content: [{ type: 'text', text: `hoopctl: ${WHY}` }], isError: true }),
    ])
  })

  it('given a notification or an answer, records it and says nothing', async () => {
    const bench = await benchWithoutServer()
    expect(await bench.client(notice('notifications/initialized'), answer(1, {}))).toEqual({
      client: [],
      server: [],
    })
    expect(bench.records('refused')).toMatchObject([{ why: WHY }, { why: WHY }])
  })

  it('given what a person typed, records names and sizes only [INV-5]', async () => {
    const bench = await benchWithoutServer()
    const inputResponses = { q: { action: 'accept', content: { password: 'hunter2' } } }
    await bench.client(call(1, 'a', {}, { inputResponses }))
    expect(bench.log()).not.toContain('hunter2')
    expect(bench.records('request')).toMatchObject([{ answers: { 'q.password': 7 } }])
  })
})

describe('when the server ends', () => {
  it('each open request is answered with the reason, and hoopctl’s own list is not told of', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'a'), request(2, 'ping'), notice('notifications/cancelled', { requestId: 2 }))
    await bench.server(notice('notifications/tools/list_changed'))
    await bench.client(call(3, 'a'), request(4, 'subscriptions/listen', { notifications: {} }))
    answerOpen(bench.shim, 'the server ended')
    const { client } = await bench.client('')
    const why = 'the server ended before it answered'
    expect(client).toEqual([lost(1, why), lost(3, why)])
    expect(bench.records('response').slice(1)).toMatchObject([
      { from: 'hoopctl', exchange: 2, isError: true, message: JSON.parse(client[0] ?? '') },
      { from: 'hoopctl', exchange: 4, isError: true },
    ])
  })
})

describe('while there is not even a log', () => {
  const told = (line: string) => answerUnrecorded({ kind: 'line', bytes: Buffer.from(line) }, 'bench', WHY)
  it('answers requests and unsound lines, and nothing else [INV-4]', () => {
    expect([
      told(request(1, 'tools/list')),
      told(call(2, 'a')),
      told('{'),
      told(notice('notifications/initialized')),
      told(answer(1, {})),
      told('{"jsonrpc":"2.0","id":1,"result":[]}'),
    ]).toEqual([
      answer(1, { tools: [] }),
      answer(2, { content: [{ type: 'text', text: `hoopctl: ${WHY}` }], isError: true }),
      refusal(null, -32700, 'it is not JSON'),
      null,
      null,
      null,
    ])
  })

  it('given a line above the limit, answers a request and not an answer', () => {
    const oversize = (response: boolean) =>
      answerUnrecorded(
        {
          kind: 'oversize',
          bytes: 9,
          sha256: '',
          head: new Uint8Array(),
          envelope: { id: 1, method: null, response },
        },
        'bench',
        WHY,
      )
    expect([oversize(false), oversize(true)]).toEqual([refusal(1, -32010, WHY), null])
  })
})
