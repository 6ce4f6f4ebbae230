import { describe, expect, it } from 'vitest'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { benchOfOne } from './bench-of-one.ts'
import { changing, SIGNED_OUT } from './changing-bench.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, MODERN, notice, request } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: b }
servers: { bench: {} }
grants:
  - { name: one, server: bench, who: everyone, rules: [{ allow: { tool: a } }] }`

const granted = (policy: Policy) => {
  const rules = rulesInForce(policy, 'bench')
  return { rules, listed: rules }
}
const progress = (progressToken: string) => notice('notifications/progress', { progressToken, progress: 1 })
const told = (method: string, taskId: string) => notice(method, { taskId, status: 'completed', result: {} })
const withToken = (progressToken: string) => ({ task: {}, _meta: { progressToken } })

/** A task `t` that a grant's rule let a call make, and one `u` that the policy's own rule did. */
async function withTasks() {
  const { bench, authority } = await changing(granted, POLICY)
  await knowTools(bench)
  await bench.client(call(1, 'a', {}, withToken('p')), call(2, 'b', {}, withToken('q')))
  await bench.server(answer(1, { task: { taskId: 't' } }), answer(2, { task: { taskId: 'u' } }))
  const grantEnds = () => {
    const { policy } = authority.current()
    const rules = rulesInForce(policy, null)
    authority.change({ rules, listed: rules })
  }
  return { bench, authority, grantEnds, signOut: () => authority.change(SIGNED_OUT) }
}

describe('a task whose call is not allowed any more', () => {
  const METHODS = ['notifications/tasks', 'notifications/tasks/status']

  it.each(METHODS)('given %s, is not told of after a sign-out [ATK-FOREIGN-TASK]', async (method) => {
    const { bench, signOut } = await withTasks()
    expect((await bench.server(told(method, 't'))).client).toEqual([told(method, 't')])
    signOut()
    expect((await bench.server(told(method, 't'), told(method, 'u'))).client).toEqual([])
    expect(bench.records('notification').at(-1)).toMatchObject({
      decision: {
        effect: 'deny',
        why: 'the call that made that task is not allowed any more: nobody is signed in',
      },
    })
  })

  it.each(METHODS)('given %s, is not told of after its grant ended; another is', async (method) => {
    const { bench, grantEnds } = await withTasks()
    grantEnds()
    expect((await bench.server(told(method, 't'), told(method, 'u'))).client).toEqual([told(method, 'u')])
  })

  it('tells no progress [ATK-FOREIGN-TOKEN]', async () => {
    const { bench, grantEnds, signOut } = await withTasks()
    expect((await bench.server(progress('p'))).client).toEqual([progress('p')])
    grantEnds()
    expect((await bench.server(progress('p'), progress('q'))).client).toEqual([progress('q')])
    signOut()
    expect((await bench.server(progress('p'), progress('q'))).client).toEqual([])
  })

  it('tells no progress under the token of a call that is allowed either [ATK-FOREIGN-TOKEN]', async () => {
    const { bench, grantEnds } = await withTasks()
    grantEnds()
    await bench.client(call(3, 'b', {}, withToken('p')))
    expect((await bench.server(progress('p'))).client).toEqual([])
  })

  it('is in no list', async () => {
    const { bench, grantEnds, signOut } = await withTasks()
    const list = async (id: number) => {
      await bench.client(request(id, 'tasks/list'))
      const { client } = await bench.server(answer(id, { tasks: [{ taskId: 't' }, { taskId: 'u' }] }))
      return JSON.parse(client[0] ?? '').result.tasks
    }
    expect(await list(3)).toEqual([{ taskId: 't' }, { taskId: 'u' }])
    grantEnds()
    expect(await list(4)).toEqual([{ taskId: 'u' }])
    signOut()
    expect(await list(5)).toEqual([])
  })

  it('is taken out of what a stream asks for, and ends on one that is open', async () => {
    const { bench, grantEnds } = await withTasks()
    const listen = (id: number, taskIds: string[]) =>
      request(id, 'subscriptions/listen', { _meta: MODERN, notifications: { taskIds } })
    const on = (id: number, taskId: string) =>
      notice('notifications/tasks', { taskId, _meta: { 'io.modelcontextprotocol/subscriptionId': id } })
    await bench.client(listen(3, ['t', 'u']))
    expect((await bench.server(on(3, 't'))).client).toEqual([on(3, 't')])
    grantEnds()
    expect((await bench.server(on(3, 't'), on(3, 'u'))).client).toEqual([on(3, 'u')])
    expect((await bench.client(listen(4, ['t', 'u']))).server).toEqual([listen(4, ['u'])])
  })

  it('given a state before the answer that names it, is not told of either [ATK-FOREIGN-TASK]', async () => {
    const { bench, grantEnds } = await withTasks()
    await bench.client(call(3, 'a', {}, withToken('r')))
    const early = told('notifications/tasks/status', 'v')
    expect((await bench.server(early)).client).toEqual([early])
    grantEnds()
    expect((await bench.server(early)).client).toEqual([])
    // It may be the task of either call.
    await bench.client(call(4, 'b', {}, withToken('s')))
    expect((await bench.server(early)).client).toEqual([])
    await bench.server(answer(3, { task: { taskId: 'w' } }))
    expect((await bench.server(early)).client).toEqual([early])
  })
})

describe('a task whose call would be asked about now', () => {
  it('is told of: its call was let through', async () => {
    const bench = await benchOfOne(
      'rules:\n  - allow: { tool: a }\n  - { ask: { tool: a }, when: session.calls > 0 }',
    )
    await knowTools(bench)
    await bench.client(call(1, 'a', {}, withToken('p')))
    await bench.server(answer(1, { task: { taskId: 't' } }))
    expect((await bench.client(call(2, 'a'))).server).toEqual([])
    const state = told('notifications/tasks/status', 't')
    expect((await bench.server(state, progress('p'))).client).toEqual([state, progress('p')])
  })
})
