import { describe, expect, it } from 'vitest'
import type { Bench } from './bench-of-one.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { benchWithPerson } from './bench-with-person.ts'
import { ALICE, BOB, changing } from './changing-bench.ts'
import { ChangingAuthority } from './fixed-authority.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, lost, notice, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: [read, write] }
  - allow: { serverRequest: [elicitation.form, roots] }`
const TOOLS = [{ name: 'read' }, { name: 'write' }]
const WHY = 'somebody else signed in before it was answered'

/** A session of alice's, and what makes it bob's. */
async function ofAlice(policy = POLICY) {
  const { bench, authority, signedIn } = await changing(() => ({ subject: ALICE }), policy)
  const toBob = () => {
    authority.change({ ...signedIn, subject: BOB })
    return bench.client()
  }
  return { bench, authority, signedIn, toBob }
}

const form = (id: string, more: object = {}) =>
  request(id, 'elicitation/create', { message: 'who?', requestedSchema: {}, ...more })
const typed = (id: string) => answer(id, { action: 'accept', content: { name: 'x' } })
const withdrawn = (id: string) =>
  notice('notifications/cancelled', { requestId: id, reason: `hoopctl: ${WHY}` })
const progress = (progressToken: string) => notice('notifications/progress', { progressToken, progress: 1 })

async function inFlight(bench: Bench, line: string): Promise<void> {
  const { client, server } = await bench.client(line)
  expect(server).toEqual([])
  expect(client).toEqual([expect.stringContaining('its id is in flight')])
}

describe('a call that was cancelled before somebody else signed in', () => {
  it('keeps its id until its late answer, which nobody gets [ATK-ID-REUSE]', async () => {
    const { bench, toBob } = await ofAlice()
    await knowTools(bench, ...TOOLS)
    await bench.client(call(1, 'read'), notice('notifications/cancelled', { requestId: 1 }))
    expect((await toBob()).client).toEqual([])
    await inFlight(bench, call(1, 'read'))
    expect((await bench.server(text(1, 'for alice'))).client).toEqual([])
    const line = call(1, 'read')
    expect((await bench.client(line)).server).toEqual([line])
    expect((await bench.server(text(1, 'for bob'))).client).toEqual([text(1, 'for bob')])
  })
})

describe('a call that was held when somebody else signed in', () => {
  it('leaves its id free: the server never got it', async () => {
    const { bench, toBob } = await ofAlice()
    await bench.client(call(1, 'read'))
    expect((await toBob()).client).toEqual([lost(1, WHY)])
    await knowTools(bench, ...TOOLS)
    const line = call(1, 'read')
    expect((await bench.client(line)).server).toEqual([line])
  })
})

describe('a call that waits for a person when somebody else signs in', () => {
  it('is told as one that was not sent, and not where it goes on: that is not for who comes now', async () => {
    const made: { change?: () => void } = {}
    const { bench, person } = await benchWithPerson(undefined, {
      authority: (policy) => {
        const rules = rulesInForce(policy, null)
        const of = (subject: typeof ALICE) => ({ subject, rules, listed: rules, blocked: null })
        const authority = new ChangingAuthority(policy, { ...of(ALICE), cause: 'sign-in' })
        made.change = () => authority.change({ ...of(BOB), cause: 'sign-in' })
        return authority
      },
    })
    await bench.client(call(1, 'b'))
    const { approval } = person.question()
    made.change?.()
    expect((await bench.client()).client.slice(0, 1)).toEqual([lost(1, `this call was not sent: ${WHY}`)])
    expect(person.approvals.get(approval, person.now)?.state).toBe('queued')
  })
})

describe('progress of what somebody asked for before somebody else signed in', () => {
  const withToken = (id: number, more: object = {}) =>
    call(id, 'read', {}, { _meta: { progressToken: 'p' }, ...more })

  it.each([
    ['open', []],
    ['cancelled', [notice('notifications/cancelled', { requestId: 1 })]],
  ])(
    'given a call that was %s, is told to nobody, whose token it may be now [ATK-FOREIGN-TOKEN]',
    async (_, then) => {
      const { bench, toBob } = await ofAlice()
      await knowTools(bench, ...TOOLS)
      await bench.client(withToken(1), ...then)
      await toBob()
      await bench.client(withToken(2))
      expect((await bench.server(progress('p'))).client).toEqual([])
    },
  )

  it('given a task, is told to nobody either [ATK-FOREIGN-TOKEN]', async () => {
    const { bench, toBob } = await ofAlice()
    await knowTools(bench, ...TOOLS)
    await bench.client(withToken(1, { task: {} }))
    await bench.server(answer(1, { task: { taskId: 't', status: 'working' } }))
    expect((await bench.server(progress('p'))).client).toEqual([progress('p')])
    await toBob()
    await bench.client(withToken(2))
    expect((await bench.server(progress('p'))).client).toEqual([])
  })
})

describe('what the server asked before somebody else signed in', () => {
  it('is answered with an error and withdrawn; a late answer reaches no question of now [ATK-ID-REUSE]', async () => {
    const { bench, toBob } = await ofAlice()
    expect((await bench.server(form('s'))).client).toEqual([form('s')])
    expect(await toBob()).toEqual({ client: [withdrawn('s')], server: [lost('s', WHY)] })
    expect(
      bench.records('request', 'response', 'notification').map(({ from, kind }) => [from, kind]),
    ).toEqual([
      ['server', 'request'],
      ['hoopctl', 'response'],
      ['hoopctl', 'notification'],
    ])
    // Under the same id it could be taken for the answer to another question.
    const again = await bench.server(form('s'))
    expect(again.client).toEqual([])
    expect((await bench.client(typed('s'))).server).toEqual([])
    expect((await bench.server(form('s'))).client).toEqual([form('s')])
    expect((await bench.client(typed('s'))).server).toEqual([typed('s')])
  })

  it('given one that the server cancelled, gets no late answer either', async () => {
    const { bench, toBob } = await ofAlice()
    await bench.server(form('s'), notice('notifications/cancelled', { requestId: 's' }))
    expect(await toBob()).toEqual({ client: [], server: [] })
    expect((await bench.client(typed('s'))).server).toEqual([])
  })

  it('given one that asks for a task, is not cancelled at the client, where only a task could be', async () => {
    const { bench, toBob } = await ofAlice()
    await bench.server(form('s', { task: {} }))
    expect(await toBob()).toEqual({ client: [], server: [lost('s', WHY)] })
    expect((await bench.client(answer('s', { task: { taskId: 'c', status: 'working' } }))).server).toEqual([])
    const { client } = await bench.server(request('r', 'tasks/result', { taskId: 'c' }))
    expect(client).toEqual([])
  })

  it('takes no progress of it any more', async () => {
    const { bench, toBob } = await ofAlice()
    await bench.server(form('s', { _meta: { progressToken: 'q' } }))
    expect((await bench.client(progress('q'))).server).toEqual([progress('q')])
    await toBob()
    await bench.server(form('s2', { _meta: { progressToken: 'q' } }))
    expect((await bench.client(progress('q'))).server).toEqual([])
  })
})

describe('a call that waits for hoopctl’s own list when somebody else signs in', () => {
  const ownList = (lines: readonly string[]) => {
    expect(lines.map((line) => JSON.parse(line).method)).toEqual(['tools/list'])
    return String(JSON.parse(lines[0] ?? '').id)
  }

  it('is answered like the others; calls of now list anew, and the late list counts for nothing', async () => {
    const { bench, toBob } = await ofAlice()
    const first = ownList((await bench.client(call(1, 'read'))).server)
    expect(await bench.client(call(2, 'read'))).toEqual({ client: [], server: [] })
    expect(await toBob()).toEqual({ client: [lost(1, WHY), lost(2, WHY)], server: [] })
    const line = call(3, 'read')
    const second = ownList((await bench.client(line)).server)
    expect(second).not.toBe(first)
    expect(await bench.server(answer(first, { tools: TOOLS }))).toEqual({ client: [], server: [] })
    expect(await bench.server(answer(second, { tools: TOOLS }))).toEqual({ client: [], server: [line] })
  })

  it('given a rule that reads what the tool is, waits until a list of now has shown it', async () => {
    const { bench, toBob } = await ofAlice(
      'rules:\n  - { allow: { tool: read }, when: tool.annotations.readOnlyHint }',
    )
    ownList((await bench.client(call(1, 'read'))).server)
    await toBob()
    const id = ownList((await bench.client(call(2, 'read'))).server)
    const tools = [{ name: 'read', annotations: { readOnlyHint: true } }]
    expect((await bench.server(answer(id, { tools }))).server).toEqual([call(2, 'read')])
  })
})

describe('a call that is being decided when somebody else signs in', () => {
  it('is not sent in the name of the other, nor counted as theirs', async () => {
    const { bench, authority, signedIn } = await ofAlice(`${POLICY}
  - { deny: { tool: read }, when: session.calls > 0 }`)
    await knowTools(bench, ...TOOLS)
    authority.use = (grants) => {
      authority.used.push([...grants])
      authority.change({ ...signedIn, subject: BOB }, false)
      return false
    }
    expect(await bench.client(call(1, 'read'))).toEqual({ client: [lost(1, WHY)], server: [] })
    expect(authority.used).toHaveLength(1)
    authority.use = () => true
    expect((await bench.client(call(2, 'read'))).server).toEqual([call(2, 'read')])
  })
})

describe('a task that the one before made', () => {
  const state = (taskId: string) => notice('notifications/tasks/status', { taskId, status: 'working' })

  it.each([
    ['was named before somebody else signed in', true],
    ['is never named, because its answer comes too late', false],
  ])(
    'given that it %s, is told to nobody while a call of now waits for a task [ATK-FOREIGN-TASK]',
    async (_, named) => {
      const { bench, toBob } = await ofAlice()
      await knowTools(bench, ...TOOLS)
      await bench.client(call(1, 'read', {}, { task: {} }))
      const made = answer(1, { task: { taskId: 't', status: 'working' } })
      if (named) await bench.server(made)
      await toBob()
      if (!named) await bench.server(made)
      await bench.client(call(2, 'read', {}, { task: {} }))
      expect((await bench.server(state('t'))).client).toEqual([])
      await bench.server(answer(2, { task: { taskId: 'u', status: 'working' } }))
      expect((await bench.server(state('t'), state('u'))).client).toEqual([state('u')])
    },
  )
})
