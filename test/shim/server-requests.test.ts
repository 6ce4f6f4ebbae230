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

describe('what a task carries', () => {
  const visit = { mode: 'url', url: 'https://x/', elicitationId: 'e' }
  const error = { code: -32042, message: 'go', data: { elicitations: [visit] } }
  const asked = { inputRequests: { q: { method: 'elicitation/create', params: visit } } }
  const CARRIED = [
    { where: 'its error', more: { error } },
    { where: 'its error, with a code that is a text', more: { error: { ...error, code: '-32042' } } },
    { where: 'its result', more: { result: asked } },
    { where: 'the task', more: { task: asked } },
    { where: 'the result of the task', more: { task: { result: asked } } },
    { where: 'the error of the task', more: { task: { error } } },
    { where: 'the error of the task of its result', more: { result: { task: { error } } } },
    { where: 'the task of its result', more: { result: { task: asked } } },
  ]
  const WHY = 'no rule in force covers the server request `elicitation.url`'

  it.each(CARRIED)(
    'in $where, passes by its rule and not without it: in results, lists and notifications [ATK-SERVER-ASKS]',
    async ({ more }) => {
      const [open, closed] = await openAndClosed('elicitation.url')
      const task = { taskId: 't', status: 'completed', ...more }
      const made = (id: number) => answer(id, { resultType: 'task', ...task })
      const got = answer(3, { resultType: 'complete', ...task })
      const listed = (tasks: object[]) => answer(4, { tasks })
      const told = ['notifications/tasks', 'notifications/tasks/status'].map((name) => notice(name, task))
      for (const bench of [open, closed]) {
        await bench.client(call(1, 'a', {}, { _meta: MODERN }), call(2, 'a', {}, { _meta: MODERN }))
        await bench.server(answer(1, { resultType: 'task', taskId: 't', status: 'working' }))
        await bench.client(request(3, 'tasks/get', { taskId: 't' }), request(4, 'tasks/list'))
      }
      const lines = [made(2), got, listed([task]), ...told]
      expect((await open.server(...lines)).client).toEqual(lines)
      const why = `the server's answer was refused: the server asks for what is not allowed: ${WHY}`
      expect((await closed.server(...lines)).client).toEqual([lost(2, why), lost(3, why), listed([])])
      expect(closed.records('notification')).toMatchObject([
        { decision: { why: WHY } },
        { decision: { why: WHY } },
      ])
    },
  )

  it.each([
    { key: 'code', more: { error: { ...error, Code: 1 } } },
    { key: 'inputRequests', more: { result: { InputRequests: {} } } },
    { key: 'result', more: { task: { Result: {} } } },
  ])(
    'given a key in it that is `$key` but for its case, is refused [ATK-IMITATION]',
    async ({ key, more }) => {
      const bench = await benchOfOne(policy(['"*"']))
      await knowTools(bench)
      await bench.client(call(1, 'a', {}, { _meta: MODERN }))
      const { client } = await bench.server(answer(1, { resultType: 'task', taskId: 't', ...more }))
      expect(client).toEqual([expect.stringContaining(`differs from \`${key}\` in case only`)])
    },
  )
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
    const { client } = await open.server(error([visit, { ...visit, url: undefined }]))
    expect(client).toEqual([expect.stringContaining('is none of an address')])
    const done = notice('notifications/elicitation/complete', { elicitationId: 'e' })
    expect((await open.server(done)).client).toEqual([])
  })

  it('given no mode, is decided by `elicitation.url` and not as a form [ATK-SERVER-ASKS]', async () => {
    const bare = error([{ ...visit, mode: undefined }])
    const [open, closed] = await openAndClosed('elicitation.url')
    for (const bench of [open, closed]) await bench.client(call(1, 'a'))
    expect((await open.server(bare)).client).toEqual([bare])
    const why = 'no rule in force covers the server request `elicitation.url`'
    expect((await closed.server(bare)).client).toEqual([lost(1, `the server's answer was refused: ${why}`)])
  })

  const SPOILT = [
    { given: 'the mode `form`', elicitation: { ...visit, mode: 'form' }, why: 'none of an address' },
    { given: 'a mode that is a list', elicitation: { ...visit, mode: ['url'] }, why: 'none of an address' },
    {
      given: 'no mode and a form',
      elicitation: { ...visit, mode: undefined, requestedSchema: {} },
      why: 'none of an address',
    },
    { given: '`Mode`', elicitation: { ...visit, Mode: 'form' }, why: '`mode` in case only' },
    { given: 'an elicitation that is null', elicitation: null, why: 'no object' },
  ]
  it.each(SPOILT)(
    'given $given, is replaced whatever the rules are [ATK-SERVER-ASKS] [ATK-IMITATION]',
    async ({ elicitation, why }) => {
      const bench = await benchOfOne(policy(['"*"']))
      await knowTools(bench)
      await bench.client(call(1, 'a'))
      expect((await bench.server(error([elicitation]))).client).toEqual([expect.stringContaining(why)])
    },
  )

  it.each([
    { key: 'code', more: { Code: -32042 } },
    { key: 'data', more: { Data: { elicitations: [visit] } } },
    { key: 'elicitations', more: { data: { elicitations: [visit], Elicitations: [] } } },
  ])('given a key that is `$key` but for its case, is replaced [ATK-IMITATION]', async ({ key, more }) => {
    const bench = await benchOfOne(policy(['"*"']))
    await knowTools(bench)
    await bench.client(call(1, 'a'), call(2, 'a'))
    const written = (id: number, members: object) =>
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        error: { code: -32042, message: 'go', data: { elicitations: [visit] }, ...members },
      })
    expect((await bench.server(written(1, more))).client).toEqual([
      expect.stringContaining(`differs from \`${key}\` in case only`),
    ])
    expect((await bench.server(written(2, {}))).client).toEqual([written(2, {})])
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
      given: '`Method`',
      requests: { q: { method: 'roots/list', Method: 'sampling/createMessage' } },
      why: 'a key of what the server asks differs from `method` in case only',
    },
    {
      given: '`Mode`',
      requests: { q: { method: 'elicitation/create', params: { message: 'who?', Mode: 'url' } } },
      why: 'a key of what the server asks differs from `mode` in case only',
    },
    {
      given: 'params that are a list',
      requests: { q: { method: 'roots/list', params: [] } },
      why: '`params` of an input request is no object',
    },
    {
      given: 'another mode',
      requests: { q: { method: 'elicitation/create', params: { mode: 'voice' } } },
      why: 'the server asks for something that the protocol has not',
    },
  ]
  it.each(UNSOUND)(
    'given $given, are refused whatever the rules are [ATK-SERVER-ASKS] [ATK-IMITATION]',
    async ({ requests, why }) => {
      const bench = await benchOfOne(EVERYTHING)
      await knowTools(bench)
      await bench.client(call(1, 'a'))
      const { client } = await bench.server(
        answer(1, { resultType: 'input_required', inputRequests: requests }),
      )
      expect(client).toEqual([
        lost(1, `the server's answer was refused: the server asks for what is not allowed: ${why}`),
      ])
    },
  )

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

  it('given an `ask` rule, are refused: nobody can be asked there', async () => {
    const bench = await benchOfOne('rules:\n  - ask: { serverRequest: roots }')
    const { client, server } = await bench.server(request('s', 'roots/list'))
    expect([client.length, server.length]).toEqual([0, 1])
    expect(server[0]).toContain('nobody can be asked about this kind of request')
    expect(bench.records('request', 'decision')).toMatchObject([
      { kind: 'request', from: 'server', decision: { effect: 'deny', rules: ['rules[0]'] } },
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
    expect((await open.server(done.replace('"e"', '["e"]'))).client).toEqual([])
    await closed.server(visit)
    expect((await closed.server(done)).client).toEqual([])
  })
})
