import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, failure, MODERN, notice, request, text } from './messages.ts'

const POLICY = `
rules:
  - { allow: { tool: a }, name: reads }
  - { ask: { tool: b }, name: writes, reason: writes reach production }
  - { deny: { tool: c }, name: never }
  - allow: { resource: "file:///docs/**" }
  - allow: { prompt: p }
  - allow: { serverRequest: "*" }`

/** How a record describes the message that it is about. */
const message = (line: string) => ({
  bytes: Buffer.byteLength(line),
  sha256: sha256(line),
  message: JSON.parse(line),
})
const request_ = { kind: 'request', from: 'client' }

describe('the records of a session', () => {
  it('begin with who asks, under which policy, and name what each request was about', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const lines = [
      call(1, 'a', { x: 1.5 }),
      request(2, 'resources/read', { uri: 'file:///docs/a' }),
      request(3, 'prompts/get', { name: 'p' }),
      request(4, 'tasks/get', { taskId: 't' }),
    ]
    await bench.client(...lines)
    const subject = { issuer: 'local', sub: 'alice', email: null, groups: [], kind: 'human' }
    const policy = { name: 'bench', version: null, digest: bench.shim.standing.policy.digest, signed: false }
    expect(bench.records('context')).toEqual([
      { kind: 'context', cause: 'start', subject, client: null, policy, grants: [] },
    ])
    const allowed = (...rules: string[]) => ({ decision: { effect: 'allow', rules, why: 'all allow' } })
    const why = 'no allowed call of this session made it'
    expect(bench.records('request').slice(1)).toEqual([
      {
        ...request_,
        exchange: 2,
        method: 'tools/call',
        tool: 'a',
        ...allowed('rules.reads'),
        ...message(lines[0] ?? ''),
      },
      {
        ...request_,
        exchange: 3,
        method: 'resources/read',
        resource: 'file:///docs/a',
        ...allowed('rules[3]'),
        ...message(lines[1] ?? ''),
      },
      {
        ...request_,
        exchange: 4,
        method: 'prompts/get',
        prompt: 'p',
        ...allowed('rules[4]'),
        ...message(lines[2] ?? ''),
      },
      {
        ...request_,
        exchange: 5,
        method: 'tasks/get',
        task: 't',
        decision: { effect: 'deny', rules: [], why },
        ...message(lines[3] ?? ''),
      },
    ])
  })

  it('count exchanges over both sides, and their answers have the same number', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'ping'))
    await bench.server(request(1, 'roots/list'))
    await bench.client(request(2, 'ping'))
    await bench.server(answer(2, {}), failure(1, 5, 'no'))
    await bench.client(answer(1, { roots: [] }))
    const told = bench
      .records('request', 'response')
      .map(({ kind, from, exchange, isError }) => [kind, from, exchange, isError])
    expect(told).toEqual([
      ['request', 'client', 1, undefined],
      ['request', 'server', 2, undefined],
      ['request', 'client', 3, undefined],
      ['response', 'server', 3, false],
      ['response', 'server', 1, true],
      ['response', 'client', 2, false],
    ])
  })

  it('hold the message of an answer as its last member, byte for byte as the client got it [INV-6]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'tools/list'))
    const { client } = await bench.server(
      '{"jsonrpc":"2.0","id":1,"result":{ "tools":[{"name":"a","x":1.50}, {"name":"hidden"}] }}',
    )
    const line = bench
      .log()
      .split('\n')
      .find((record) => record.includes('"kind":"response"'))
    expect(line?.endsWith(`,"message":${client[0]}}`)).toBe(true)
    expect(bench.log()).not.toContain('{"name":"hidden"}')
  })

  it('of a denied call: its rule, and the model is told it', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const { client } = await bench.client(
      call(1, 'c', { secret: 'hunter2' }),
      request(2, 'resources/read', { uri: 'file:///etc/x' }),
    )
    const help = `A person can change /policy.yaml, or look at this call with: hoopctl sessions show ${bench.session}`
    const decision = { effect: 'deny', rules: ['rules.never'], session: bench.session, approval: null, help }
    expect(client.map((line) => JSON.parse(line))).toEqual([
      {
        jsonrpc: '2.0',
        id: 1,
        result: {
          content: [
            { type: 'text', text: `hoopctl denied the tool \`c\`: one denies [rules.never]. ${help}` },
          ],
          isError: true,
          _meta: { 'hoopctl/decision': decision },
        },
      },
      {
        jsonrpc: '2.0',
        id: 2,
        error: {
          code: -32010,
          message: `hoopctl denied the resource \`file:///etc/x\`: no rule in force covers the resource \`file:///etc/x\`. ${help}`,
          data: { 'hoopctl/decision': { ...decision, rules: [] } },
        },
      },
    ])
    expect(client.join()).not.toContain('hunter2')
    expect(bench.said.join()).not.toContain('hunter2')
    expect(bench.shim.progress).toMatchObject({ exchanges: 3, allowed: 1, asked: 0, denied: 2 })
  })
})

describe('what a person typed', () => {
  const typed = { action: 'accept', content: { password: 'hunter2', age: 42, é: 'é' } }

  it('as an answer to a server’s request, is recorded as names and sizes only [INV-5]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'elicitation/create', { message: 'who?' }))
    const told = answer('s', typed)
    expect((await bench.client(told)).server).toEqual([told])
    const measured = { bytes: Buffer.byteLength(told), sha256: sha256(told) }
    expect(bench.records('response')).toEqual([
      {
        kind: 'response',
        from: 'client',
        exchange: 1,
        isError: false,
        answers: { password: 7, age: 2, é: 2 },
        ...measured,
      },
    ])
    expect(bench.log()).not.toContain('hunter2')
  })

  it('as `inputResponses` of a retry or of `tasks/update`, is recorded as names and sizes only [INV-5]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'a', {}, { _meta: MODERN }))
    await bench.server(answer(1, { resultType: 'task', taskId: 't', status: 'input_required' }))
    const inputResponses = { q: typed, r: { roots: [] } }
    const lines = [
      call(2, 'a', {}, { _meta: MODERN, inputResponses, requestState: 'x' }),
      request(3, 'tasks/update', { taskId: 't', inputResponses }),
    ]
    expect((await bench.client(...lines)).server).toEqual(lines)
    const answers = { 'q.password': 7, 'q.age': 2, 'q.é': 2 }
    const records = bench.records('request').slice(2)
    expect(records).toMatchObject([
      { method: 'tools/call', answers },
      { method: 'tasks/update', answers },
    ])
    expect(records.map((record) => 'message' in record)).toEqual([false, false])
    expect(bench.log()).not.toContain('hunter2')
  })

  it('in a call that is denied, is recorded as names and sizes only [INV-5]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'c', {}, { inputResponses: { q: typed } }))
    expect(bench.records('request').at(-1)).toMatchObject({
      decision: { effect: 'deny' },
      answers: { 'q.password': 7 },
    })
    expect(bench.log()).not.toContain('hunter2')
  })

  it('and refused as a message, is recorded without its text [INV-5]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(request('s', 'elicitation/create', { message: 'who?' }))
    const twice = answer('s', typed).replace('"age":42', '"age":42,"age":43')
    const { client, server } = await bench.client(twice)
    expect([client, server.length]).toEqual([[], 1])
    expect(bench.log()).not.toContain(Buffer.from('hunter2').toString('base64').slice(0, 8))
    expect(bench.log()).not.toContain(Buffer.from(twice).subarray(0, 60).toString('base64'))
  })
})

describe('the log’s settings', () => {
  it('given `digest`, hold no message; given a limit, hold the first part of a longer one', async () => {
    const bench = await benchOfOne(`${POLICY}\naudit: { payloads: { max: 1KiB, requests: digest } }`)
    await knowTools(bench)
    const long = text(1, 'é'.repeat(2000))
    await bench.client(call(1, 'a', { x: 'private' }))
    await bench.server(long, notice('notifications/message', { level: 'info', data: 'ok' }))
    expect(bench.log()).not.toContain('private')
    expect(bench.records('response').at(-1)).toEqual({
      kind: 'response',
      from: 'server',
      exchange: 2,
      isError: false,
      bytes: Buffer.byteLength(long),
      sha256: sha256(long),
      head: expect.stringMatching(/^\{"jsonrpc":"2\.0","id":1.*é$/),
    })
  })
})
