import { describe, expect, it } from 'vitest'
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from '../../src/shim/methods.ts'
import { benchOfOne } from './bench-of-one.ts'
import { notice, request } from './messages.ts'

// Every `method` literal of schema.ts of 2025-11-25 and 2026-07-28, and the methods of the tasks extension. Frozen here:
// a method that the table forgets is denied, and nobody would notice.
const REQUESTS_IN_SPECS = `
  completion/complete elicitation/create initialize logging/setLevel ping prompts/get prompts/list resources/list
  resources/read resources/subscribe resources/templates/list resources/unsubscribe roots/list sampling/createMessage
  server/discover subscriptions/listen tasks/cancel tasks/get tasks/list tasks/result tasks/update tools/call tools/list`
const NOTIFICATIONS_IN_SPECS = `
  notifications/cancelled notifications/elicitation/complete notifications/initialized notifications/message
  notifications/progress notifications/prompts/list_changed notifications/resources/list_changed
  notifications/resources/updated notifications/roots/list_changed notifications/subscriptions/acknowledged
  notifications/tasks notifications/tasks/status notifications/tools/list_changed`

const words = (text: string) => text.trim().split(/\s+/)
const ALL = `
rules:
  - allow: { tool: "*" }
  - allow: { resource: "*" }
  - allow: { prompt: "*" }
  - allow: { serverRequest: "*" }`

describe('the table of methods', () => {
  it('knows every method of both revisions and no other', () => {
    const requests = new Set([...CLIENT_REQUESTS.keys(), ...SERVER_REQUESTS.keys()])
    const notifications = new Set([...CLIENT_NOTIFICATIONS.keys(), ...SERVER_NOTIFICATIONS.keys()])
    expect([...requests].sort()).toEqual(words(REQUESTS_IN_SPECS))
    expect([...notifications].sort()).toEqual(words(NOTIFICATIONS_IN_SPECS))
  })

  it('says of each what is done with it', () => {
    const treatments = (table: typeof CLIENT_REQUESTS) =>
      Object.fromEntries([...table].map(([method, { treatment }]) => [method, treatment]))
    expect(treatments(CLIENT_REQUESTS)).toEqual({
      initialize: 'handshake',
      'server/discover': 'handshake',
      ping: 'pass',
      'logging/setLevel': 'pass',
      'tools/list': 'list',
      'resources/list': 'list',
      'resources/templates/list': 'list',
      'prompts/list': 'list',
      'tasks/list': 'list',
      'tools/call': 'call',
      'resources/read': 'call',
      'resources/subscribe': 'call',
      'resources/unsubscribe': 'call',
      'prompts/get': 'call',
      'completion/complete': 'call',
      'tasks/get': 'task',
      'tasks/result': 'task',
      'tasks/update': 'task',
      'tasks/cancel': 'task',
      'subscriptions/listen': 'listen',
    })
    expect(treatments(SERVER_REQUESTS)).toEqual({
      ping: 'pass',
      'sampling/createMessage': 'ask',
      'elicitation/create': 'ask',
      'roots/list': 'ask',
      'tasks/get': 'task',
      'tasks/result': 'task',
      'tasks/list': 'task',
      'tasks/cancel': 'task',
    })
  })
})

// With params that make each of them sound; without any rule they show what the rules decide.
const GOVERNED = [
  { method: 'resources/read', params: { uri: 'file:///a' }, what: 'the resource `file:///a`' },
  { method: 'resources/subscribe', params: { uri: 'file:///a' }, what: 'the resource `file:///a`' },
  { method: 'resources/unsubscribe', params: { uri: 'file:///a' }, what: 'the resource `file:///a`' },
  { method: 'prompts/get', params: { name: 'p' }, what: 'the prompt `p`' },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'x', value: '' } },
    what: 'the prompt `p`',
  },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/resource', uri: 'file:///a' }, argument: { name: 'x', value: '' } },
    what: 'the resource `file:///a`',
  },
]

describe('a request of the client', () => {
  it.each(GOVERNED)(
    'given $method of $what, is sent by an allow rule and denied without one [INV-1]',
    async ({ method, params, what }) => {
      const line = request(1, method, params)
      const open = await benchOfOne(ALL)
      expect(await open.client(line)).toEqual({ client: [], server: [line] })
      const closed = await benchOfOne('rules:\n  - allow: { tool: x }')
      const { client, server } = await closed.client(line)
      expect(server).toEqual([])
      expect(JSON.parse(client[0] ?? '')).toMatchObject({
        id: 1,
        error: {
          code: -32010,
          message: expect.stringContaining(`hoopctl denied ${what}: no rule in force covers`),
        },
      })
    },
  )

  it.each([
    'ping',
    'logging/setLevel',
    'tools/list',
    'resources/list',
    'resources/templates/list',
    'prompts/list',
    'tasks/list',
    'initialize',
    'server/discover',
  ])('given %s, is sent whatever the rules are: the protocol needs it', async (method) => {
    const bench = await benchOfOne('rules:\n  - deny: { tool: "*" }')
    expect(await bench.client(request(1, method, {}))).toEqual({
      client: [],
      server: [request(1, method, {})],
    })
  })

  const UNKNOWN = [
    'tools/Call',
    'tools/call ',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '',
    'rpc.discover',
    'roots/list',
    'notifications/initialized',
  ]
  it.each(UNKNOWN)('given the unknown method `%s`, is denied [INV-1]', async (method) => {
    const bench = await benchOfOne(ALL)
    const { client, server } = await bench.client(request(1, method, { name: 'a' }))
    expect(server).toEqual([])
    const message = `hoopctl denied \`${method}\`: hoopctl does not know the method \`${method}\`.`
    expect(JSON.parse(client[0] ?? '')).toMatchObject({
      id: 1,
      error: { code: -32010, message: expect.stringContaining(message) },
    })
    expect(bench.records('request')).toMatchObject([{ method, decision: { effect: 'deny' } }])
  })
})

describe('a notification', () => {
  const UNKNOWN = ['constructor', '__proto__', 'toString', 'notifications/', 'notifications/message', 'ping']
  it.each(UNKNOWN)(
    'of the client, given the unknown `%s`, goes no further and is recorded [INV-1]',
    async (method) => {
      const bench = await benchOfOne(ALL)
      expect(await bench.client(notice(method))).toEqual({ client: [], server: [] })
      expect(bench.records('notification')).toMatchObject([
        { from: 'client', method, decision: { effect: 'deny' } },
      ])
    },
  )

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'notifications/initialized',
    'notifications/roots/list_changed',
  ])('of the server, given the unknown `%s`, goes no further and is recorded [INV-1]', async (method) => {
    const bench = await benchOfOne(ALL)
    expect(await bench.server(notice(method))).toEqual({ client: [], server: [] })
    expect(bench.records('notification')).toMatchObject([
      { from: 'server', method, decision: { effect: 'deny' } },
    ])
  })

  it.each(['notifications/initialized', 'notifications/roots/list_changed'])(
    'of the client, given %s, passes',
    async (method) => {
      const bench = await benchOfOne(ALL)
      expect(await bench.client(notice(method))).toEqual({ client: [], server: [notice(method)] })
      expect(bench.records('notification')).toMatchObject([{ from: 'client', method, message: { method } }])
    },
  )

  it.each([
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
    'notifications/resources/list_changed',
  ])('of the server, given %s, passes after `initialize` and not without it', async (method) => {
    const bench = await benchOfOne(ALL)
    expect(await bench.server(notice(method))).toEqual({ client: [], server: [] })
    await bench.client(request(1, 'initialize', {}))
    expect(await bench.server(notice(method))).toEqual({ client: [notice(method)], server: [] })
  })
})

describe('a request of the server', () => {
  it.each(['tools/call', 'constructor', '__proto__', 'toString', 'ping/'])(
    'given the unknown method `%s`, is denied [INV-1]',
    async (method) => {
      const bench = await benchOfOne(ALL)
      const { client, server } = await bench.server(request('s', method))
      expect(client).toEqual([])
      expect(JSON.parse(server[0] ?? '')).toMatchObject({ id: 's', error: { code: -32010 } })
      expect(bench.records('request')).toMatchObject([
        { from: 'server', method, decision: { effect: 'deny' } },
      ])
    },
  )
})
