import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { Bench } from './bench-of-one.ts'
import { ALICE, BLOCKED, BOB, changing, SIGNED_OUT } from './changing-bench.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, lost, MODERN, notice, request, text } from './messages.ts'

const TOOLS = [{ name: 'read' }, { name: 'write' }]
const CHANGED = ['tools', 'resources', 'prompts'].map((list) => notice(`notifications/${list}/list_changed`))

async function shakeHands(bench: Bench, capabilities: object): Promise<void> {
  await bench.client(request('hands', 'initialize', { protocolVersion: '2025-11-25', capabilities: {} }))
  await bench.server(answer('hands', { protocolVersion: '2025-11-25', capabilities }))
  await bench.client(notice('notifications/initialized'))
}

const listed = async (bench: Bench, id: string) => {
  await bench.client(request(id, 'tools/list'))
  const { client } = await bench.server(answer(id, { tools: TOOLS }))
  return JSON.parse(client[0] ?? '').result.tools
}

describe('without a sign-in', () => {
  it('lists are empty and calls denied with what to type', async () => {
    const { bench } = await changing(() => SIGNED_OUT)
    expect(await listed(bench, 'a')).toEqual([])
    const { client, server } = await bench.client(call(1, 'read'))
    expect(server).toEqual([])
    const { result } = JSON.parse(client[0] ?? '')
    expect(result.isError).toBe(true)
    expect(result.content[0].text).toBe(
      'hoopctl denied the tool `read`: nobody is signed in. A person can sign in with: hoopctl login',
    )
    expect(result._meta['hoopctl/decision'].help).toBe(BLOCKED.help)
  })

  it.each([
    ['of the server’s own', { instructions: 'Be kind.' }, '\n\nBe kind.'],
    ['none', {}, ''],
  ])('given instructions %s, they begin with the sentence that helps', async (_, instructions, rest) => {
    const { bench } = await changing(() => SIGNED_OUT)
    await bench.client(request(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {} }))
    const capabilities = { tools: { listChanged: true }, resources: { listChanged: true } }
    const { client } = await bench.server(answer(1, { capabilities, ...instructions }))
    const { result } = JSON.parse(client[0] ?? '')
    expect(result.instructions).toBe(
      `Nobody is signed in, so nothing is allowed yet. A person can sign in with: hoopctl login${rest}`,
    )
    // They are read once: what a person may get later must be announced now.
    expect(result.capabilities).toEqual(capabilities)
  })

  it('given a result without members, the client gets JSON all the same', async () => {
    const { bench } = await changing(() => SIGNED_OUT)
    await bench.client(request(1, 'server/discover', { _meta: MODERN }))
    const { client } = await bench.server(answer(1, {}))
    const { result } = JSON.parse(client[0] ?? '')
    expect([result.cacheScope, result.instructions.slice(0, 19)]).toEqual(['private', 'Nobody is signed in'])
  })
})

describe('a sign-in while the client runs', () => {
  it('is told by list_changed, recorded, and then calls pass', async () => {
    const { bench, authority, signedIn } = await changing(() => SIGNED_OUT)
    await shakeHands(bench, { tools: {}, resources: {}, prompts: {} })
    authority.change(signedIn)
    // Prompts were not announced: no rule could ever allow one.
    expect((await bench.client()).client).toEqual(CHANGED.slice(0, 2))
    expect(await listed(bench, 'a')).toEqual(TOOLS)
    const line = call(1, 'read')
    expect((await bench.client(line)).server).toEqual([line])
    expect(bench.records('context')).toMatchObject([
      { cause: 'start', subject: null },
      { cause: 'sign-in', subject: { issuer: 'https://id.example', sub: 'alice' } },
    ])
  })

  it('given no wake-up, counts from the next message on', async () => {
    const { bench, authority, signedIn } = await changing(() => SIGNED_OUT)
    await knowTools(bench, ...TOOLS)
    authority.change(signedIn, false)
    await knowTools(bench, ...TOOLS)
    const line = call(1, 'read')
    expect((await bench.client(line)).server).toEqual([line])
  })

  it('given a client that is not initialized, tells it nothing', async () => {
    const { bench, authority, signedIn } = await changing(() => SIGNED_OUT)
    authority.change(signedIn)
    expect((await bench.client()).client).toEqual([])
  })

  it('given streams of 2026-07-28, tells those that asked, the server’s and our own', async () => {
    const { bench, authority, signedIn } = await changing(() => SIGNED_OUT)
    const listen = (id: number, notifications: object) =>
      request(id, 'subscriptions/listen', { _meta: MODERN, notifications })
    await bench.client(listen(1, { toolsListChanged: true }), listen(2, { promptsListChanged: true }))
    await bench.client(listen(3, { toolsListChanged: true }))
    await bench.server(JSON.stringify({ jsonrpc: '2.0', id: 3, error: { code: -32601, message: 'what?' } }))
    authority.change(signedIn)
    const told = (await bench.client()).client.map((line) => JSON.parse(line))
    const on = (id: number) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } })
    expect(told.map(({ method, params }) => [method, params])).toEqual([
      ['notifications/tools/list_changed', on(1)],
      ['notifications/tools/list_changed', on(3)],
      ['notifications/prompts/list_changed', on(2)],
    ])
  })
})

describe('what ends while the client runs', () => {
  it('is denied from the next message on; an answer that was on its way arrives', async () => {
    const { bench, authority } = await changing(() => ({}))
    await knowTools(bench, ...TOOLS)
    await bench.client(call(1, 'read'))
    authority.change(SIGNED_OUT)
    expect((await bench.server(text(1, 'late'))).client).toEqual([text(1, 'late')])
    expect((await bench.client(call(2, 'read'))).server).toEqual([])
  })

  it('is no longer told of: updates of a subscription end with what allowed it', async () => {
    const { bench, authority } = await changing(() => ({}))
    await bench.client(request(1, 'resources/subscribe', { uri: 'file:///docs/a' }))
    const update = notice('notifications/resources/updated', { uri: 'file:///docs/a' })
    expect((await bench.server(update)).client).toEqual([update])
    authority.change(SIGNED_OUT)
    expect((await bench.server(update)).client).toEqual([])
  })

  it('bounds how long a client may keep what it was shown', async () => {
    const until = new Date('2026-11-21T09:14:37Z') // 30 s after now
    const { bench } = await changing(() => ({ until }))
    const ask = (id: number) => request(id, 'tools/list', { _meta: MODERN })
    await bench.client(ask(1), ask(2))
    const long = await bench.server(answer(1, { tools: TOOLS, ttlMs: 60_000, cacheScope: 'public' }))
    expect(JSON.parse(long.client[0] ?? '').result).toMatchObject({ ttlMs: 30_000, cacheScope: 'private' })
    const short = answer(2, { tools: TOOLS, ttlMs: 1000, cacheScope: 'private' })
    expect((await bench.server(short)).client).toEqual([short])
  })
})

describe('somebody else who signs in', () => {
  it('gets a session of their own, and nothing of what was asked before', async () => {
    const { bench, authority, signedIn } = await changing(() => ({ subject: ALICE }))
    await knowTools(bench, ...TOOLS)
    await bench.client(call(1, 'read'))
    const first = bench.session
    authority.change({ ...signedIn, subject: BOB })
    expect((await bench.client()).client).toEqual([lost(1, 'somebody else signed in before it was answered')])
    // The server's answer to alice must not be taken for the answer to a call of bob's.
    const [reused] = (await bench.client(call(1, 'read'))).client
    expect(JSON.parse(reused ?? '').error.message).toContain('its id is in flight')
    expect((await bench.server(text(1, 'for alice'))).client).toEqual([])
    const line = call(2, 'read')
    expect((await bench.client(line)).server).toEqual([line])
    const directory = dirname(bench.shim.log.path)
    expect(bench.shim.log.session).not.toBe(first)
    const logs = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
    const texts = logs.map((name) => readFileSync(join(directory, name), 'utf8'))
    const ofAlice = texts.find((log) => log.includes(first)) ?? ''
    expect(ofAlice).toContain('"end":"subject-changed"')
    expect(texts.filter((log) => log.includes('"sub":"bob"'))).toHaveLength(1)
    expect(ofAlice).not.toContain('"sub":"bob"')
  })
})

describe('somebody else who signs in after the one signed out', () => {
  it('gets a session of their own all the same', async () => {
    const { bench, authority, signedIn } = await changing(() => ({ subject: ALICE }))
    await knowTools(bench, ...TOOLS)
    const first = bench.session
    authority.change(SIGNED_OUT)
    expect(bench.shim.log.session).toBe(first)
    authority.change({ ...signedIn, subject: BOB })
    await bench.client()
    expect(bench.shim.log.session).not.toBe(first)
  })

  it('given the same person again, goes on in the same session', async () => {
    const { bench, authority, signedIn } = await changing(() => ({ subject: ALICE }))
    const first = bench.session
    authority.change(SIGNED_OUT)
    authority.change(signedIn)
    await bench.client()
    expect(bench.shim.log.session).toBe(first)
  })
})

describe('a grant with a number of uses', () => {
  const GRANTED = `
servers: { bench: {} }
grants:
  - { name: few, server: bench, who: everyone, uses: 1, rules: [{ allow: { tool: read } }] }`

  const granted = (policy: Policy) => {
    const rules = rulesInForce(policy, 'bench')
    return { rules, listed: rules }
  }

  it('is asked for each call that its rules alone allow', async () => {
    const { bench, authority } = await changing(granted, GRANTED)
    await knowTools(bench, ...TOOLS)
    await bench.client(call(1, 'read'), request(2, 'ping'))
    expect(authority.used).toEqual([['few']])
  })

  it('given that none is left, the call is not sent', async () => {
    const { bench, authority } = await changing(granted, GRANTED)
    await knowTools(bench, ...TOOLS)
    authority.usable.push(false)
    const { client, server } = await bench.client(call(1, 'read'))
    expect(server).toEqual([])
    expect(client[0]).toContain('the grant behind it has no use left')
  })
})
