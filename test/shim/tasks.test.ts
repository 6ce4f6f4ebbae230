import { describe, expect, it } from 'vitest'
import { benchOfOne, type Bench } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, lost, MODERN, notice, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: [a, b] }
  - { deny: { tool: b }, when: session.calls > 1 }
  - allow: { serverRequest: sampling }`

const ERAS = [
  {
    era: '2025-11-25',
    meta: { task: { ttl: 1 } },
    made: (taskId: string) => ({ task: { taskId, status: 'working' } }),
    told: 'notifications/tasks/status',
  },
  {
    era: '2026-07-28',
    meta: { _meta: MODERN },
    made: (taskId: string) => ({ resultType: 'task', taskId, status: 'working' }),
    told: 'notifications/tasks',
  },
]

/** Lets a call of `tool` make the task `t`. */
async function withTask(tool: string, era: (typeof ERAS)[number]): Promise<Bench> {
  const bench = await benchOfOne(POLICY)
  await knowTools(bench)
  await bench.client(call('made', tool, {}, era.meta))
  const made = answer('made', era.made('t'))
  expect((await bench.server(made)).client).toEqual([made])
  return bench
}

describe.each(ERAS)('a task of the server, in $era', (era) => {
  const METHODS = ['tasks/get', 'tasks/result', 'tasks/update', 'tasks/cancel']
  it.each(METHODS)(
    'given %s, is open to whom an allowed call made it for, and no other is [ATK-FOREIGN-TASK]',
    async (method) => {
      const bench = await withTask('a', era)
      const own = request(1, method, { taskId: 't' })
      expect(await bench.client(own)).toEqual({ client: [], server: [own] })
      const { client, server } = await bench.client(request(2, method, { taskId: 'T' }))
      expect(server).toEqual([])
      expect(JSON.parse(client[0] ?? '')).toMatchObject({
        error: { code: -32010, message: expect.stringContaining('no allowed call of this session made it') },
      })
      expect(bench.records('request').slice(-2)).toMatchObject([
        { method, task: 't', decision: { effect: 'allow' } },
        { method, task: 'T', decision: { effect: 'deny' } },
      ])
    },
  )

  it('given rules that deny its call meanwhile, is denied', async () => {
    const bench = await withTask('b', era)
    const get = (id: number) => request(id, 'tasks/get', { taskId: 't' })
    expect((await bench.client(get(1))).server).toEqual([get(1)])
    await bench.client(call(2, 'a'))
    expect((await bench.client(get(3))).server).toEqual([])
  })

  it('given a list, shows the own one only', async () => {
    const bench = await withTask('a', era)
    await bench.client(request(1, 'tasks/list'))
    const tasks = [{ taskId: 't' }, { taskId: 'other' }]
    expect((await bench.server(answer(1, { tasks }))).client).toEqual([
      answer(1, { tasks: [{ taskId: 't' }] }),
    ])
  })

  it('given notifications of its state, passes the own one only [ATK-FOREIGN-TASK]', async () => {
    const bench = await withTask('a', era)
    const own = notice(era.told, { taskId: 't', status: 'completed' })
    expect(await bench.server(own, notice(era.told, { taskId: 'other', status: 'completed' }))).toEqual({
      client: [own],
      server: [],
    })
    expect(bench.records('notification')).toMatchObject([
      { method: era.told },
      { decision: { why: 'no allowed call made that task' } },
    ])
  })

  it('given a notification whose id is a list, passes nothing on [ATK-FOREIGN-TASK]', async () => {
    const bench = await withTask('a', era)
    await bench.client(call('open', 'a', {}, { task: {} }))
    const [own, listed] = ['t', ['t']].map((taskId) => notice(era.told, { taskId, status: 'completed' }))
    expect((await bench.server(listed ?? '', own ?? '')).client).toEqual([own])
  })

  it('given a result without the shape of its call, is replaced by an error; its twin passes', async () => {
    const bench = await withTask('a', era)
    const ask = (id: number) => request(id, 'tasks/result', { taskId: 't' })
    await bench.client(ask(1), ask(2))
    expect((await bench.server(answer(1, { content: 'x' }))).client).toEqual([
      lost(1, "the server's answer was refused: `content` of the result is no list"),
    ])
    expect((await bench.server(text(2, 'x'))).client).toEqual([text(2, 'x')])
  })
})

describe('a task', () => {
  it('given in the answer to what is no call, belongs to nobody', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(request(1, 'ping'))
    await bench.server(answer(1, { resultType: 'task', taskId: 't', status: 'working' }))
    const { client, server } = await bench.client(request(2, 'tasks/get', { taskId: 't' }))
    expect(server).toEqual([])
    expect(client).toEqual([expect.stringContaining('no allowed call of this session made it')])
  })

  it('given a status before the answer that names it, is told of while a call that asked for a task is open [INV-7]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const told = notice('notifications/tasks/status', { taskId: 't', status: 'working' })
    const asks = { inputRequests: { q: { method: 'roots/list' } } }
    await bench.client(call(1, 'a'), call(2, 'forbidden', {}, { task: {} }), request(9, 'ping', { task: {} }))
    expect((await bench.server(told)).client).toEqual([])
    await bench.client(call(3, 'a', {}, { task: {} }))
    expect(
      (await bench.server(told, notice('notifications/tasks', { taskId: 't', ...asks }))).client,
    ).toEqual([told])
    await bench.server(answer(3, { task: { taskId: 't', status: 'working' } }))
    expect((await bench.server(told, told.replace('"t"', '"u"'))).client).toEqual([told])
  })

  it('given a denied call, is made by none', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'forbidden'))
    expect((await bench.server(answer(1, { task: { taskId: 't' } }))).client).toEqual([])
    expect((await bench.client(request(2, 'tasks/get', { taskId: 't' }))).server).toEqual([])
  })

  it('keeps the progress token of its call after that was answered [INV-7]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    const told = notice('notifications/progress', { progressToken: 'p', progress: 1 })
    await bench.client(call(1, 'a', {}, { _meta: { progressToken: 'p' } }))
    await bench.server(answer(1, { task: { taskId: 't', status: 'working' } }))
    expect((await bench.server(told)).client).toEqual([told])
  })

  it('given as one of 4,097, is the oldest and forgotten', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    for (let n = 0; n <= 4096; n++)
      bench.shim.tasks.add(`t${n}`, {
        call: { kind: 'tool', name: 'a', args: '{}', annotations: null },
        method: 'tools/call',
        progressToken: null,
      })
    expect((await bench.client(request(1, 'tasks/get', { taskId: 't0' }))).server).toEqual([])
    expect((await bench.client(request(2, 'tasks/get', { taskId: 't1' }))).server).toEqual([
      request(2, 'tasks/get', { taskId: 't1' }),
    ])
  })
})

describe('a task of the client', () => {
  const SAMPLE = request('s', 'sampling/createMessage', { messages: [], maxTokens: 1, task: {} })

  it.each(['tasks/get', 'tasks/result', 'tasks/cancel'])(
    'given %s of the server, is open to the server that it was made for',
    async (method) => {
      const bench = await benchOfOne(POLICY)
      const get = (id: string, taskId: string) => request(id, method, { taskId })
      expect((await bench.server(get('x', 'ct'))).client).toEqual([])
      await bench.server(SAMPLE)
      await bench.client(answer('s', { task: { taskId: 'ct', status: 'working' } }))
      expect((await bench.server(get('y', 'ct'))).client).toEqual([get('y', 'ct')])
      expect((await bench.server(get('z', 'other'))).client).toEqual([])
      const status = notice('notifications/tasks/status', { taskId: 'ct', status: 'completed' })
      expect(await bench.client(status, status.replace('"ct"', '"other"'))).toEqual({
        client: [],
        server: [status],
      })
    },
  )

  it('given `tasks/list` of the server, is told to nobody', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.server(SAMPLE)
    await bench.client(answer('s', { task: { taskId: 'ct', status: 'working' } }))
    expect((await bench.server(request('l', 'tasks/list'))).client).toEqual([])
  })
})
