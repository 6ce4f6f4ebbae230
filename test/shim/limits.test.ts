import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/decision.ts'
import type { Limits } from '../../src/policy/policy.ts'
import { CallLimits } from '../../src/shim/limits.ts'
import { benchOfOne } from './bench-of-one.ts'
import { benchWithPerson, RULES, untilLeft } from './bench-with-person.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, request, text } from './messages.ts'

const NONE: Limits = { messageBytes: 1, callsPerMinute: null, callsPerSession: null, openCalls: null }
const noneOpen = () => 0

/** Which of some calls, at these instants, are let through. */
function through(limits: Partial<Limits>, instants: readonly number[]): boolean[] {
  const counted = new CallLimits()
  return instants.map((at) => counted.count({ ...NONE, ...limits }, at, noneOpen) === null)
}

describe('CallLimits', () => {
  it('given callsPerMinute, lets so many through in any minute; what was denied counts as well', () => {
    expect(through({ callsPerMinute: 2 }, [0, 1, 2, 59_999])).toEqual([true, true, false, false])
    expect(through({ callsPerMinute: 2 }, [0, 1, 60_000, 60_001, 60_002])).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
    expect(through({ callsPerMinute: 1 }, [0, 30_000, 61_000, 90_001])).toEqual([true, false, false, false])
    expect(through({ callsPerMinute: 1 }, [0, 60_000])).toEqual([true, true])
  })

  it('given callsPerSession, lets so many through, ever', () => {
    expect(through({ callsPerSession: 2 }, [0, 1e6, 1e9])).toEqual([true, true, false])
  })

  it('given none, lets all through', () => {
    expect(
      through(
        {},
        Array.from({ length: 1000 }, () => 0),
      ).every(Boolean),
    ).toBe(true)
  })

  it('names the limit that was passed', () => {
    const limits = { ...NONE, openCalls: 3 }
    const counted = new CallLimits()
    expect(counted.count(limits, 0, () => 2)).toBe(null)
    expect(counted.count(limits, 0, () => 3)).toEqual({
      effect: 'deny',
      rules: ['limits.openCalls'],
      why: 'the limit of 3 is reached',
      reasons: [],
    })
  })
})

describe('a call beyond a limit', () => {
  const policy = (limit: string) =>
    `rules:\n  - allow: { tool: "*" }\n  - allow: { resource: "*" }\nlimits: { ${limit} }`

  it.each(['callsPerMinute: 2', 'callsPerSession: 2'])(
    'given %s, is denied with the limit’s name, and other messages pass [INV-1]',
    async (limit) => {
      const bench = await benchOfOne(policy(limit))
      await knowTools(bench)
      const two = [call(1, 'a'), request(2, 'resources/read', { uri: 'file:///a' })]
      expect((await bench.client(...two)).server).toEqual(two)
      const { client, server } = await bench.client(
        call(3, 'a'),
        request(4, 'ping'),
        request(5, 'tools/list'),
      )
      expect(server).toEqual([request(4, 'ping'), request(5, 'tools/list')])
      const name = `limits.${limit.split(':')[0]}`
      expect(JSON.parse(client[0] ?? '').result).toMatchObject({
        isError: true,
        _meta: { 'hoopctl/decision': { effect: 'deny', rules: [name] } },
      })
      expect(bench.records('request').at(-3)).toMatchObject({
        decision: { effect: 'deny', rules: [name], why: 'the limit of 2 is reached' },
      })
    },
  )

  it('given openCalls, is denied while so many wait, whatever else is open, and passes when one was answered', async () => {
    const bench = await benchOfOne(policy('openCalls: 2'))
    await knowTools(bench)
    await bench.client(
      request('x', 'ping'),
      request('y', 'tools/list'),
      request('z', 'subscriptions/listen', { notifications: {} }),
    )
    expect((await bench.client(call(1, 'a'), call(2, 'a'), call(3, 'a'))).server).toEqual([
      call(1, 'a'),
      call(2, 'a'),
    ])
    await bench.server(text(1, 'x'))
    expect((await bench.client(call(4, 'a'))).server).toEqual([call(4, 'a')])
  })

  it('given openCalls and calls that waited for the list, lets the first of them through', async () => {
    const bench = await benchOfOne(policy('openCalls: 2'))
    const { server } = await bench.client(call(1, 'a'), call(2, 'a'), call(3, 'a'))
    const { id } = JSON.parse(server[0] ?? '')
    const sent = await bench.server(answer(id, { tools: [] }))
    expect(sent.server).toEqual([call(1, 'a'), call(2, 'a')])
    expect(sent.client).toEqual([expect.stringContaining('limits.openCalls')])
  })

  it('given session.calls in a condition, counts the calls that were decided before', async () => {
    const bench = await benchOfOne('rules:\n  - { allow: { resource: "*" }, when: session.calls < 2 }')
    const read = (id: number) => request(id, 'resources/read', { uri: 'file:///a' })
    expect((await bench.client(request(0, 'ping'), read(1), read(2), read(3))).server).toEqual([
      request(0, 'ping'),
      read(1),
      read(2),
    ])
  })
})

describe('a call while what was recorded is not confirmed', () => {
  const policy = 'rules:\n  - allow: { tool: "*" }\n  - allow: { resource: "*" }'
  const denial: Decision = {
    effect: 'deny',
    rules: ['audit.upload.required'],
    why: 'it is late',
    reasons: [],
  }

  it('is denied with what a person does about it, and lists pass; once it is confirmed, it passes', async () => {
    let now: Decision | null = denial
    const bench = await benchOfOne(policy, { evidence: { check: () => now, help: 'A person waits' } })
    const told = { effect: 'deny', rules: denial.rules, session: bench.session, help: 'A person waits' }
    await knowTools(bench)
    const [answered] = (await bench.client(call(1, 'x'))).client
    expect(JSON.parse(answered ?? '')).toMatchObject({
      result: { isError: true, _meta: { 'hoopctl/decision': told } },
    })
    const [read] = (await bench.client(request(2, 'resources/read', { uri: 'file:///a' }))).client
    expect(JSON.parse(read ?? '')).toMatchObject({ error: { code: -32010 } })
    expect((await bench.client(request(3, 'resources/list'))).server).toHaveLength(1)
    now = null
    expect((await bench.client(call(4, 'x'))).server).toHaveLength(1)
    const requests = bench.records('request').flatMap(({ decision }) => decision)
    expect(requests).toContainEqual(expect.objectContaining({ effect: 'deny', rules: denial.rules }))
  })
  it('given that it was held and approved meanwhile, is denied all the same', async () => {
    let now: Decision | null = null
    const evidence = { check: () => now, help: 'A person waits' }
    const { bench, person } = await benchWithPerson(RULES, { evidence })
    await bench.client(call(1, 'b'))
    now = denial
    person.approve(person.question())
    const { client, server } = await untilLeft(bench)
    expect(server).toEqual([])
    expect(JSON.parse(client[0] ?? '')).toMatchObject({
      result: {
        isError: true,
        _meta: { 'hoopctl/decision': { rules: denial.rules, help: 'A person waits' } },
      },
    })
  })
})
