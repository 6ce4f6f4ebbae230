import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { benchWithPerson, RULES, untilLeft } from './bench-with-person.ts'
import { knowTools } from './known-tools.ts'
import { call, notice, request, text } from './messages.ts'
import { eventually } from '../eventually.ts'

function resultOf(line: string | undefined) {
  return JSON.parse(line ?? '{}').result
}

describe('a call that an `ask` rule matches', () => {
  it('is held, and sent as the bytes that came once a person said yes', async () => {
    const { bench, person } = await benchWithPerson()
    const asked = call(1, 'b', { n: 1 })
    expect(await bench.client(asked)).toEqual({ client: [], server: [] })
    const question = person.question()
    expect(bench.said).toContain(
      `the tool \`b\` of \`bench\` waits for a person: hoopctl approve ${question.approval}`,
    )
    expect(person.approve()).toBe('taken')
    expect(await untilLeft(bench)).toEqual({ client: [], server: [asked] })
    const { client } = await bench.server(text(1, 'done'))
    expect(client).toEqual([text(1, 'done')])
    expect(person.approvals.get(question.approval, person.now)?.claim).toMatchObject({
      exchange: 2,
      outcome: 'answered',
    })
  })

  it('is recorded: the request, the question, the receipt, the decision', async () => {
    const { bench, person } = await benchWithPerson()
    const asked = call(1, 'b', { n: 1 })
    await bench.client(asked)
    const question = person.question()
    const receipt = person.receipt(question)
    person.answer({ kind: 'approve', receipt }, question)
    await untilLeft(bench)
    const { approval, call: digest, challenge, definition, heldUntil, answerBy } = question
    expect(bench.records('request', 'approval', 'decision').slice(1)).toMatchObject([
      { kind: 'request', exchange: 2, decision: { effect: 'ask', rules: ['rules.writes'], why: 'one asks' } },
      {
        kind: 'approval',
        exchange: 2,
        approval,
        state: 'waiting',
        definition,
        call: digest,
        challenge,
        demand: { by: null, notSelf: false, count: 1, proof: 'terminal', confirm: 'key' },
        heldUntil,
        expires: answerBy,
      },
      {
        kind: 'approval',
        exchange: 2,
        approval,
        state: 'approved',
        receipt,
        by: { issuer: 'local', sub: 'alice' },
      },
      {
        kind: 'decision',
        exchange: 2,
        effect: 'allow',
        rules: ['rules.writes'],
        approval,
        why: 'approved by alice',
        sent: { bytes: asked.length },
      },
    ])
    expect(bench.shim.progress).toMatchObject({ exchanges: 2, allowed: 1, asked: 1, denied: 0 })
  })

  it('tells what was called just before, and not itself', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'a'), call(2, 'b'))
    const { calls, earlier } = person.question().claims
    const at = expect.any(String) as unknown
    expect({ calls, earlier }).toEqual({
      calls: 1,
      earlier: [{ at, what: 'the tool `a`', effect: 'allow' }],
    })
  })

  it('lets later messages pass, and nothing waits for it', async () => {
    const { bench } = await benchWithPerson()
    const { server } = await bench.client(call(1, 'b'), call(2, 'a'))
    expect(server).toEqual([call(2, 'a')])
  })

  it('is shown with what was called before it, and not with itself', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'a'), call(2, 'b'))
    const { calls, earlier } = person.question().claims
    expect([calls, earlier]).toMatchObject([1, [{ what: 'the tool `a`', effect: 'allow' }]])
  })

  it('given a no, is denied with what the person wrote, and never sent', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { approval } = person.question()
    person.deny('use the staging table')
    const { client, server } = await untilLeft(bench)
    expect(server).toEqual([])
    const result = resultOf(client[0])
    expect(result.isError).toBe(true)
    expect(result.content[0].text).toContain('alice denied it and wrote: "use the staging table"')
    expect(result._meta['hoopctl/decision']).toMatchObject({
      effect: 'deny',
      rules: ['rules.writes'],
      approval,
    })
  })

  it('given a no after a yes, before it is sent, is denied', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const question = person.question()
    person.approve(question)
    person.deny(null, question)
    const { server } = await untilLeft(bench)
    expect(server).toEqual([])
  })

  it('given the end of `wait`, is queued, and the same call passes once after approval', async () => {
    const { bench, person } = await benchWithPerson(
      RULES.replace('remember: { count: 3, for: 10m }', 'wait: 1s'),
    )
    await bench.client(call(1, 'b', { n: 1 }))
    const { approval } = person.question()
    const { client } = await untilLeft(bench)
    const result = resultOf(client[0])
    expect(result.content[0].text).toContain(
      `waiting for approval ${approval}: do other work, then repeat the same call`,
    )
    expect(result._meta['hoopctl/decision']).toMatchObject({ effect: 'ask', approval })
    const again = await bench.client(call(2, 'b', { n: 1 }))
    expect(resultOf(again.client[0])._meta['hoopctl/decision'].approval).toBe(approval)
    const { requester } = person.question()
    person.approve(person.question(), { binds: { requester } })
    const repeated = call(3, 'b', { n: 1.0 })
    expect(await untilLeft(bench, repeated)).toEqual({ client: [], server: [repeated] })
    // A fourth one is asked about anew.
    expect(await bench.client(call(4, 'b', { n: 1 }))).toEqual({ client: [], server: [] })
    expect(person.question().approval).not.toBe(approval)
    expect(person.question().claims.note).toContain('it may have happened')
  })

  it('given the same call from before the machine went down, asks anew and says that it may have happened', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b', { n: 1 }))
    const { approval } = person.question()
    person.wentDown = true
    await bench.client(call(2, 'b', { n: 1 }))
    expect(person.question().claims.note).toBe(
      `the same call waited for a person when this machine went down: it may have happened (approval ${approval})`,
    )
  })

  it('given the end of `wait` and `onTimeout: deny`, is denied, and a later yes is too late', async () => {
    const { bench, person } = await benchWithPerson(
      RULES.replace('onTimeout: deny', 'onTimeout: deny, wait: 1s'),
    )
    await bench.client(call(1, 'c'))
    const question = person.question()
    const { client } = await untilLeft(bench)
    expect(resultOf(client[0]).content[0].text).toContain('nobody answered within 1 s')
    expect(person.approve(question)).toBe('over')
    expect(await bench.client(call(2, 'c'))).toEqual({ client: [], server: [] })
    expect(person.question().approval).not.toBe(question.approval)
  })

  it('of another method is asked about too, and told as an error while it is queued', async () => {
    const rules = "rules: [{ ask: { resource: 'file:///srv/**' }, approval: { wait: 1s } }]"
    const { bench, person } = await benchWithPerson(rules)
    const read = (id: number) => request(id, 'resources/read', { uri: 'file:///srv/a' })
    await bench.client(read(1))
    const { approval, requester } = person.question()
    const { client } = await untilLeft(bench)
    expect(JSON.parse(client[0] ?? '').error).toMatchObject({
      code: -32010,
      data: { 'hoopctl/decision': { effect: 'ask', approval } },
    })
    person.approve(person.question(), { binds: { requester } })
    expect((await untilLeft(bench, read(2))).server).toEqual([read(2)])
  })

  it('given the id of an open one, is refused', async () => {
    const { bench } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { client, server } = await bench.client(call(1, 'a'))
    expect(server).toEqual([])
    expect(client[0]).toContain('its id is in flight')
  })

  it('given as many that wait as the policy lets, is denied', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b', { n: 1 }), call(2, 'b', { n: 2 }), call(3, 'b', { n: 3 }))
    const { client } = await bench.client(call(4, 'b', { n: 4 }))
    expect(resultOf(client[0]).content[0].text).toContain('approvals.maxWaiting')
    expect(person.waiting().length).toBe(3)
  })

  it('given arguments above 1 MiB, is denied: nobody reads that', async () => {
    const { bench, person } = await benchWithPerson()
    const { client } = await bench.client(call(1, 'b', { text: 'x'.repeat(1024 * 1024) }))
    expect(resultOf(client[0]).content[0].text).toContain('too long for a person to read')
    expect(person.waiting()).toEqual([])
  })

  it('given no shared state, is denied', async () => {
    const bench = await benchOfOne(RULES)
    await knowTools(bench, { name: 'b' })
    const { client } = await bench.client(call(1, 'b'))
    expect(resultOf(client[0]).content[0].text).toContain('so nobody can be asked')
  })
})

describe('a server that speaks of a call which it did not get', () => {
  const ANSWERS: readonly (readonly [string, string])[] = [
    ['an answer', text(1, 'done')],
    ['an answer that is refused', '{"jsonrpc":"2.0","id":1,"result":{},"result":{}}'],
    ['progress', notice('notifications/progress', { progressToken: 'p', progress: 1 })],
  ]

  it.each(ANSWERS)(
    'given %s, it reaches nobody, and the call waits on [ATK-STRAY-ANSWER]',
    async (_what, line) => {
      const { bench, person } = await benchWithPerson()
      const asked = call(1, 'b', {}, { _meta: { progressToken: 'p' } })
      await bench.client(asked)
      expect(await bench.server(line)).toEqual({ client: [], server: [] })
      expect(person.approve()).toBe('taken')
      expect(await untilLeft(bench)).toEqual({ client: [], server: [asked] })
      expect((await bench.server(text(1, 'truly'))).client).toEqual([text(1, 'truly')])
    },
  )
})

describe('a cancellation of a held call', () => {
  it('given one that would be queued, queues it: a client’s timeout looks the same', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { approval, requester } = person.question()
    await bench.client(notice('notifications/cancelled', { requestId: 1 }))
    expect(person.waiting()).toMatchObject([{ state: 'queued', question: { approval } }])
    expect(person.approve(person.question(), { binds: { requester } })).toBe('taken')
    expect(await untilLeft(bench, call(2, 'b'))).toEqual({ client: [], server: [call(2, 'b')] })
  })

  it('given one that would be denied, withdraws it', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'c'))
    const question = person.question()
    await bench.client(notice('notifications/cancelled', { requestId: 1 }))
    expect(person.waiting()).toEqual([])
    expect(person.approve(question)).toBe('over')
    expect(bench.records('approval').map(({ state }) => state)).toEqual(['waiting', 'withdrawn'])
  })

  it('given a yes in the same moment, never sends it', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'c'))
    person.approve()
    await bench.client(notice('notifications/cancelled', { requestId: 1 }))
    const { server } = await untilLeft(bench, call(2, 'a'))
    expect(server).toEqual([call(2, 'a')])
  })
})

describe('a client that asked for progress', () => {
  it('is told that its call waits, in values below any that the server may tell', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { bench, person } = await benchWithPerson()
    const held = call(1, 'b', {}, { _meta: { progressToken: 'p' } })
    await bench.client(held)
    vi.advanceTimersByTime(10_000)
    const { client } = await bench.client()
    const values = client.map((line) => JSON.parse(line).params)
    expect(values).toMatchObject([
      {
        progressToken: 'p',
        progress: -1,
        message: `waiting for a person: hoopctl approve ${person.question().approval}`,
      },
      { progressToken: 'p', progress: -0.5 },
    ])
    vi.useRealTimers()
    person.approve()
    await untilLeft(bench)
    const told = notice('notifications/progress', { progressToken: 'p', progress: 0 })
    expect((await bench.server(told)).client).toEqual([told])
  })
})

describe('a remembered answer', () => {
  const until = new Date(Date.now() + 60_000).toISOString()

  it('given that its second call is answered, does not make the first one, whose answer never came, answered', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { approval } = person.question()
    person.approve(person.question(), { remember: { count: 2, until } })
    await untilLeft(bench)
    await untilLeft(bench, call(2, 'b'))
    await bench.server(text(2, 'done'))
    expect(person.approvals.get(approval, person.now)?.claim).toMatchObject({
      exchange: 2,
      outcome: 'unknown',
    })
    await bench.server(text(1, 'done'))
    expect(person.approvals.get(approval, person.now)?.claim?.outcome).toBe('answered')
  })

  it('covers the same call as often as the person said, and no other', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b', { n: 1 }))
    const { approval } = person.question()
    person.approve(person.question(), { remember: { count: 2, until } })
    expect((await untilLeft(bench)).server).toEqual([call(1, 'b', { n: 1 })])
    expect(person.approvals.remembered(person.now)).toMatchObject([])
    expect(await bench.client(call(2, 'b', { n: 2 }))).toEqual({ client: [], server: [] })
    expect((await bench.client(call(3, 'b', { n: 1 }))).server).toEqual([call(3, 'b', { n: 1 })])
    expect(await bench.client(call(4, 'b', { n: 1 }))).toEqual({ client: [], server: [] })
    expect(bench.records('decision')).toMatchObject([
      { approval, why: 'approved by alice' },
      { approval, why: 'a person remembered their answer' },
    ])
  })

  it('given more than the policy gives, does not count, nor does the yes with it', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    person.approve(person.question(), { remember: { count: 4, until } })
    await eventually(() => expect(bench.records('approval').at(-1)).toMatchObject({ state: 'refused' }))
    expect(await bench.client()).toEqual({ client: [], server: [] })
  })

  it('given an end by the person, covers nothing any more', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { approval } = person.question()
    person.approve(person.question(), { remember: { count: 3, until } })
    await untilLeft(bench)
    expect(person.approvals.forget(approval)).toBe(true)
    expect(await bench.client(call(2, 'b'))).toEqual({ client: [], server: [] })
  })
})

describe('a receipt', () => {
  it.each([
    { of: 'another approval', more: { approval: 'A-00000000' } },
    { of: 'another call', more: { call: 'f'.repeat(64) } },
    { of: 'another device', more: { device: `ed25519:${'A'.repeat(43)}` } },
    { of: 'another session', more: { binds: { session: '01M7ZNVRQVX3HGN91EPKDH90HQ' } } },
    { of: 'edited arguments where the policy allows no edit', more: { edited: { arguments: '{}' } } },
    { of: 'a time before the question', more: { at: '2026-01-01T09:00:00.000Z' } },
    {
      of: 'a signature of something else',
      more: { proof: { kind: 'terminal', user: 'alice', signature: 'A'.repeat(86) } },
    },
  ] as const)('of $of does not count; the right one does', async ({ more }) => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const question = person.question()
    person.answer({ kind: 'approve', receipt: person.receipt(question, more) }, question)
    await bench.client(call(2, 'a'))
    const states = () => bench.records('approval').map(({ state }) => state)
    expect(states()).not.toContain('approved')
    person.approve(question)
    expect((await untilLeft(bench)).server).toEqual([call(1, 'b')])
    expect(states().at(-1)).toBe('approved')
  })
})
