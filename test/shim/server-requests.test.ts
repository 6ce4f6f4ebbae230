import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, failure, lost, MODERN, notice, request } from './messages.ts'

// What a server can ask of the client, each with the rule that allows it.
const ASKED = [
  { rule: 'sampling', method: 'sampling/createMessage', params: { messages: [], maxTokens: 5 } },
  {
    rule: 'elicitation.form',
    method: 'elicitation/create',
    params: { message: 'who?', requestedSchema: {} },
  },
  { rule: 'elicitation.form', method: 'elicitation/create', params: { mode: 'form', message: 'who?' } },
  {
    rule: 'elicitation.url',
    method: 'elicitation/create',
    params: { mode: 'url', url: 'https://x/', elicitationId: 'e' },
  },
  { rule: 'roots', method: 'roots/list', params: {} },
]
const others = (rule: string) =>
  ['sampling', 'elicitation.form', 'elicitation.url', 'roots'].filter((name) => name !== rule)
const policy = (rules: readonly string[]) => `
rules:
  - allow: { tool: "*" }
  - { allow: { serverRequest: [${rules.join(', ')}] }, name: given }`

/** Two shims: one whose rules allow what is asked, one whose rules allow everything else. */
async function openAndClosed(rule: string) {
  const benches = [await benchOfOne(policy([rule])), await benchOfOne(policy(others(rule)))] as const
  for (const bench of benches) await knowTools(bench)
  return benches
}

describe.each(ASKED)('$rule, asked by $method', ({ rule, method, params }) => {
  it('as a request, passes by its rule and is answered with an error without it [ATK-SERVER-ASKS]', async () => {
    const [open, closed] = await openAndClosed(rule)
    const ask = request('s', method, params)
    expect(await open.server(ask)).toEqual({ client: [ask], server: [] })
    const told = answer('s', { x: 1 })
    expect(await open.client(told)).toEqual({ client: [], server: [told] })
    const { client, server } = await closed.server(ask)
    expect(client).toEqual([])
    expect(JSON.parse(server[0] ?? '')).toMatchObject({
      id: 's',
      error: {
        code: -32010,
        message: expect.stringContaining(`no rule in force covers the server request \`${rule}\``),
      },
    })
    expect(closed.records('request').at(-1)).toMatchObject({
      from: 'server',
      method,
      decision: { effect: 'deny' },
    })
    expect(await closed.client(told)).toEqual({ client: [], server: [] })
  })

  const inside = { inputRequests: { q: { method, params } }, requestState: 's' }
  const results = [
    { place: 'a result', line: answer(1, { resultType: 'input_required', ...inside }) },
    { place: 'a result without its type', line: answer(1, inside) },
    { place: 'a finished result', line: answer(1, { resultType: 'complete', content: [], ...inside }) },
  ]
  it.each(results)(
    'in $place, passes by its rule and is replaced by an error without it [ATK-SERVER-ASKS]',
    async ({ line }) => {
      const [open, closed] = await openAndClosed(rule)
      for (const bench of [open, closed]) await bench.client(call(1, 'a', {}, { _meta: MODERN }))
      expect(await open.server(line)).toEqual({ client: [line], server: [] })
      const why = `the server asks for what is not allowed: no rule in force covers the server request \`${rule}\``
      expect(await closed.server(line)).toEqual({
        client: [lost(1, `the server's answer was refused: ${why}`)],
        server: [],
      })
      expect(closed.records('response').at(-1)).toMatchObject({ isError: true, changed: { why } })
    },
  )

  it('in `tasks/get` and in a task’s notification, passes by its rule and not without it [ATK-SERVER-ASKS]', async () => {
    const [open, closed] = await openAndClosed(rule)
    const got = answer(2, { resultType: 'complete', taskId: 't', status: 'input_required', ...inside })
    const told = notice('notifications/tasks', { taskId: 't', status: 'input_required', ...inside })
    for (const bench of [open, closed]) {
      await bench.client(call(1, 'a', {}, { _meta: MODERN }))
      await bench.server(answer(1, { resultType: 'task', taskId: 't', status: 'working' }))
      await bench.client(request(2, 'tasks/get', { taskId: 't' }))
    }
    expect((await open.server(got)).client).toEqual([got])
    expect((await open.server(told)).client).toEqual([told])
    expect((await closed.server(got)).client).toEqual([expect.stringContaining(`server request \`${rule}\``)])
    expect(await closed.server(told)).toEqual({ client: [], server: [] })
    const why = `no rule in force covers the server request \`${rule}\``
    expect(closed.records('notification')).toMatchObject([
      { method: 'notifications/tasks', decision: { why } },
    ])
  })
})

describe('error −32042', () => {
  const error = (elicitations: unknown) => failure(1, -32042, 'go there first', { elicitations })
  const visit = { mode: 'url', url: 'https://x/', elicitationId: 'e', message: 'go' }

  it('passes by the rule `elicitation.url` and is replaced without it [ATK-SERVER-ASKS]', async () => {
    const [open, closed] = await openAndClosed('elicitation.url')
    for (const bench of [open, closed]) await bench.client(call(1, 'a'))
    expect((await open.server(error([visit]))).client).toEqual([error([visit])])
    const why =
      "the server's answer was refused: no rule in force covers the server request `elicitation.url`"
    expect((await closed.server(error([visit]))).client).toEqual([lost(1, why)])
  })

  it('given one of two that is refused, is replaced', async () => {
    const [open] = await openAndClosed('elicitation.url')
    await open.client(call(1, 'a'))
    const { client } = await open.server(error([visit, { message: 'who?', requestedSchema: {} }]))
    expect(client).toEqual([expect.stringContaining('`elicitation.form`')])
  })

  it.each([undefined, {}, 'x'])('given %j for elicitations, is replaced', async (elicitations) => {
    const [open] = await openAndClosed('elicitation.url')
    await open.client(call(1, 'a'))
    expect((await open.server(error(elicitations))).client).toEqual([
      expect.stringContaining('error −32042 carries no elicitations'),
    ])
  })

  it('given another code, its data is the server’s own', async () => {
    const [, closed] = await openAndClosed('elicitation.url')
    await closed.client(call(1, 'a'))
    const other = failure(1, -32043, 'x', { elicitations: [visit] })
    expect((await closed.server(other)).client).toEqual([other])
  })
})

describe('input requests', () => {
  const EVERYTHING = policy(['"*"'])
  const UNSOUND = [
    { given: 'a list', requests: [], why: '`inputRequests` is no object' },
    { given: 'one without a method', requests: { q: { params: {} } }, why: 'an input request has no method' },
    { given: 'one that is null', requests: { q: null }, why: 'an input request has no method' },
    {
      given: 'another method',
      requests: { q: { method: 'tools/call', params: {} } },
      why: 'the server asks for something that the protocol has not',
    },
    {
      given: 'another mode',
      requests: { q: { method: 'elicitation/create', params: { mode: 'voice' } } },
      why: 'the server asks for something that the protocol has not',
    },
  ]
  it.each(UNSOUND)('given $given, are refused whatever the rules are', async ({ requests, why }) => {
    const bench = await benchOfOne(EVERYTHING)
    await knowTools(bench)
    await bench.client(call(1, 'a'))
    const { client } = await bench.server(
      answer(1, { resultType: 'input_required', inputRequests: requests }),
    )
    expect(client).toEqual([
      lost(1, `the server's answer was refused: the server asks for what is not allowed: ${why}`),
    ])
  })

  it('given the rule that refuses, names it', async () => {
    const bench = await benchOfOne(
      'rules:\n  - allow: { prompt: "*" }\n  - allow: { serverRequest: "*" }\n  - { deny: { serverRequest: sampling }, name: no-spending }',
    )
    await bench.client(request(1, 'prompts/get', { name: 'p' }))
    const asked = {
      inputRequests: { a: { method: 'roots/list' }, b: { method: 'sampling/createMessage', params: {} } },
    }
    const { client } = await bench.server(answer(1, asked))
    expect(client).toEqual([
      lost(
        1,
        "the server's answer was refused: the server asks for what is not allowed: one denies [rules.no-spending]",
      ),
    ])
  })

  it('given a condition on `request`, is decided on each one’s own params, however their keys are written', async () => {
    const bench = await benchOfOne(
      'rules:\n  - allow: { prompt: "*" }\n  - { allow: { serverRequest: sampling }, when: request.maxTokens < 9007199254740993 }',
    )
    await bench.client(request(1, 'prompts/get', { name: 'p' }), request(2, 'prompts/get', { name: 'p' }))
    const asked = (id: number, tokens: string) =>
      `{"jsonrpc":"2.0","id":${id},"result":{"inputRequests":{"a\\u0062":{"method":"sampling/createMessage","params":{"maxTokens":1}},"__proto__":{"method":"sampling/createMessage","p\\u0061rams":{"maxTokens":${tokens}}}}}}`
    expect((await bench.server(asked(1, '9007199254740992'))).client).toEqual([asked(1, '9007199254740992')])
    expect((await bench.server(asked(2, '9007199254740993'))).client).toEqual([
      expect.stringContaining('the server asks for what is not allowed'),
    ])
  })

  it('given an `ask` rule, are refused: nothing answers it yet', async () => {
    const bench = await benchOfOne('rules:\n  - ask: { serverRequest: roots }')
    const { client, server } = await bench.server(request('s', 'roots/list'))
    expect([client.length, server.length]).toEqual([0, 1])
    expect(server[0]).toContain("needs a person's approval")
    expect(bench.records('request', 'decision')).toMatchObject([
      { kind: 'request', from: 'server', decision: { effect: 'ask' } },
      { kind: 'decision', effect: 'deny', approval: null },
    ])
  })
})

describe('the notice that an elicitation is complete', () => {
  const done = notice('notifications/elicitation/complete', { elicitationId: 'e' })
  const visit = request('s', 'elicitation/create', { mode: 'url', url: 'https://x/', elicitationId: 'e' })

  it('passes after that elicitation was let through and not otherwise', async () => {
    const [open, closed] = await openAndClosed('elicitation.url')
    expect((await open.server(done)).client).toEqual([])
    await open.server(visit)
    expect((await open.server(done)).client).toEqual([done])
    await closed.server(visit)
    expect((await closed.server(done)).client).toEqual([])
  })
})
