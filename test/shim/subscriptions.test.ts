import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, failure, MODERN, notice, request } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - allow: { resource: "file:///docs/**" }`

const ON = (id: string | number) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } })
const updated = (uri: unknown, more: object = {}) =>
  notice('notifications/resources/updated', { uri, ...more })
const cancel = (requestId: unknown) => notice('notifications/cancelled', { requestId })
const listen = (id: string | number, notifications: object) =>
  request(id, 'subscriptions/listen', { _meta: MODERN, notifications })

describe('resources/subscribe, until 2025-11-25', () => {
  const subscribe = (uri: string) => request(uri, 'resources/subscribe', { uri })

  it('given an allowed address, its updates pass until it is unsubscribed', async () => {
    const bench = await benchOfOne(POLICY)
    expect((await bench.server(updated('file:///docs/a'))).client).toEqual([])
    await bench.client(subscribe('file:///docs/a'))
    expect((await bench.server(updated('file:///docs/a'))).client).toEqual([updated('file:///docs/a')])
    await bench.client(request(2, 'resources/unsubscribe', { uri: 'file:///docs/a' }))
    expect((await bench.server(updated('file:///docs/a'))).client).toEqual([])
  })

  it('given the update of a part of it, passes where a read of that would be allowed [ATK-FOREIGN-UPDATE]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(subscribe('file:///docs/a'))
    const lines = [
      updated('file:///docs/a/b'),
      updated('file:///etc/passwd'),
      updated('file:///docs/../etc'),
      updated(7),
    ]
    expect((await bench.server(...lines)).client).toEqual([lines[0]])
    expect(bench.records('notification').map(({ decision }) => decision)).toMatchObject([
      undefined,
      { why: 'its address is not allowed' },
      { why: 'its address is not allowed' },
      { why: 'nothing was subscribed' },
    ])
  })

  it('given a refused address, is not subscribed', async () => {
    const bench = await benchOfOne(POLICY)
    expect((await bench.client(subscribe('file:///etc/passwd'))).server).toEqual([])
    expect((await bench.server(updated('file:///etc/passwd'), updated('file:///docs/a'))).client).toEqual([])
  })
})

describe('subscriptions/listen, from 2026-07-28 on', () => {
  it('given only what is allowed, passes as the bytes that came', async () => {
    const bench = await benchOfOne(POLICY)
    const line = listen(1, {
      toolsListChanged: true,
      promptsListChanged: false,
      resourceSubscriptions: ['file:///docs/a'],
    })
    expect(await bench.client(line)).toEqual({ client: [], server: [line] })
  })

  it('given refused addresses, foreign tasks and unknown kinds, takes those out and records them', async () => {
    const bench = await benchOfOne(POLICY)
    const line = listen(1, {
      toolsListChanged: true,
      resourceSubscriptions: ['file:///docs/a', 'file:///etc/passwd', 7],
      taskIds: ['foreign'],
      everything: true,
    })
    const left = listen(1, { toolsListChanged: true, resourceSubscriptions: ['file:///docs/a'] })
    expect(await bench.client(line)).toEqual({ client: [], server: [left] })
    expect(bench.records('request')).toMatchObject([
      {
        method: 'subscriptions/listen',
        changed: { hidden: ['everything', 'file:///etc/passwd', '7', 'foreign'] },
        message: JSON.parse(left),
      },
    ])
  })

  it('given a task that an own call made, keeps it and passes what is told of it', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(call(1, 'a', {}, { _meta: MODERN }))
    await bench.server(answer(1, { resultType: 'task', taskId: 't', status: 'working' }))
    const line = listen(2, { taskIds: ['t'] })
    expect((await bench.client(line)).server).toEqual([line])
    const told = (taskId: string) => notice('notifications/tasks', { taskId, status: 'working', ...ON(2) })
    expect((await bench.server(told('t'), told('u'))).client).toEqual([told('t')])
  })

  it('given an open stream, passes what it asked for and nothing else [ATK-FOREIGN-UPDATE]', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(listen(1, { toolsListChanged: true, resourceSubscriptions: ['file:///docs/a'] }))
    const passing = [
      notice('notifications/subscriptions/acknowledged', {
        ...ON(1),
        notifications: { toolsListChanged: true },
      }),
      notice('notifications/tools/list_changed', ON(1)),
      updated('file:///docs/a', ON(1)),
      updated('file:///docs/a/b', ON(1)),
    ]
    const dropped = [
      notice('notifications/prompts/list_changed', ON(1)),
      notice('notifications/tools/list_changed', ON(2)),
      notice('notifications/tools/list_changed', ON('1')),
      notice('notifications/tools/list_changed'),
      notice('notifications/message', { level: 'info', data: 'x', ...ON(1) }),
      notice('notifications/progress', { progressToken: 1, progress: 1, ...ON(1) }),
      notice('notifications/tasks', { taskId: 't', ...ON(1) }),
      notice('notifications/subscriptions/acknowledged', { notifications: {} }),
      updated('file:///etc/passwd', ON(1)),
      updated('file:///docs/a'),
    ]
    expect((await bench.server(...passing)).client).toEqual(passing)
    expect((await bench.server(...dropped)).client).toEqual([])
    expect(bench.records('notification').filter(({ decision }) => decision !== undefined)).toHaveLength(
      dropped.length,
    )
  })

  it('given its cancellation by the client, is closed, and its id stays reserved', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(listen(1, { toolsListChanged: true }))
    expect((await bench.client(cancel(1))).server).toEqual([cancel(1)])
    expect((await bench.server(notice('notifications/tools/list_changed', ON(1)))).client).toEqual([])
    expect((await bench.client(request(1, 'ping'))).client).toEqual([
      expect.stringContaining('its id is in flight'),
    ])
  })

  it.each([
    { given: 'an answer', end: answer(1, { resultType: 'complete', ...ON(1) }) },
    { given: 'a cancellation', end: notice('notifications/cancelled', { requestId: 1, ...ON(1) }) },
    { given: 'an error', end: failure(1, -32603, 'no') },
  ])('given $given of the server, is closed', async ({ end }) => {
    const bench = await benchOfOne(POLICY)
    await bench.client(listen(1, { toolsListChanged: true }))
    expect((await bench.server(end)).client).toEqual([end])
    expect((await bench.server(notice('notifications/tools/list_changed', ON(1)))).client).toEqual([])
    expect((await bench.client(request(1, 'ping'))).server).toEqual([request(1, 'ping')])
  })

  it('given a server that does not know it, is served by hoopctl until the client cancels it', async () => {
    const bench = await benchOfOne(POLICY)
    await bench.client(listen('l', { toolsListChanged: true, resourceSubscriptions: ['file:///docs/a'] }))
    const { client } = await bench.server(failure('l', -32601, 'Method not found'))
    const acknowledged = notice('notifications/subscriptions/acknowledged', {
      ...ON('l'),
      notifications: { toolsListChanged: true },
    })
    expect(client).toEqual([acknowledged])
    expect(bench.records('notification')).toMatchObject([
      {
        from: 'hoopctl',
        method: 'notifications/subscriptions/acknowledged',
        message: JSON.parse(acknowledged),
      },
    ])
    expect((await bench.client(request('l', 'ping'))).client).toEqual([
      expect.stringContaining('its id is in flight'),
    ])
    expect(await bench.client(cancel('l'))).toEqual({ client: [], server: [] })
    expect((await bench.client(request('l', 'ping'))).server).toEqual([request('l', 'ping')])
  })
})
