import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { type RunningShim, Shims } from '../../src/state/shims.ts'
import { at, edit, newPlace, open } from './a-state.ts'

function shim(members: Partial<RunningShim> = {}): RunningShim {
  const grant = {
    name: 'orders-read',
    mode: 'session',
    started: at(1),
    expires: null,
    reason: 'INC-1',
  } as const
  const own = { session: 's1', pid: process.pid, server: 'orders', policy: 'trust:00', started: at(0) }
  return { ...own, subject: { issuer: 'local', sub: 'ana' }, grants: [grant], ...members }
}

it('given shims that run, lists them with what they told, oldest first, to every process', () => {
  const place = newPlace()
  const [mine, theirs] = [new Shims(open(place)), new Shims(open(place))]
  mine.register(shim({ session: 's2', started: at(5), grants: [], subject: null }))
  mine.register(shim())
  expect(theirs.running()).toEqual([
    shim(),
    shim({ session: 's2', started: at(5), grants: [], subject: null }),
  ])
})

it('given one that tells of a change, or ends, tells so', () => {
  const shims = new Shims(open(newPlace()))
  shims.register(shim())
  const ended = {
    name: 'orders-read',
    mode: 'session',
    started: at(1),
    expires: at(9),
    reason: null,
  } as const
  shims.update('s1', { subject: { issuer: 'local', sub: 'bob' }, grants: [ended] })
  expect(shims.running()).toEqual([shim({ subject: { issuer: 'local', sub: 'bob' }, grants: [ended] })])
  shims.unregister('s1')
  expect(shims.running()).toEqual([])
})

it('given one that tells the same again, wakes nobody', () => {
  const place = newPlace()
  const [mine, other] = [open(place), open(place)]
  const shims = new Shims(mine)
  shims.register(shim())
  const changes = [other.changed()]
  shims.update('s1', shim())
  changes.push(other.changed())
  shims.update('s1', shim({ grants: [] }))
  changes.push(other.changed())
  expect(changes).toEqual([true, false, true])
})

it('given a session, tells whether its process runs, is gone, or never told of itself', async () => {
  const child = spawn('sleep', ['600'])
  const shims = new Shims(open(newPlace()))
  shims.register(shim({ pid: child.pid ?? 0 }))
  const told = [shims.processOf('s1'), shims.processOf('s2')]
  child.kill('SIGKILL')
  await once(child, 'exit')
  told.push(shims.processOf('s1'))
  shims.unregister('s1')
  told.push(shims.processOf('s1'))
  expect(told).toEqual(['running', 'unknown', 'gone', 'unknown'])
})

it('given one whose process was killed, forgets it', async () => {
  const child = spawn('sleep', ['600'])
  await once(child, 'spawn')
  const shims = new Shims(open(newPlace()))
  shims.register(shim({ pid: child.pid ?? 0 }))
  expect(shims.running()).toHaveLength(1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(shims.running()).toEqual([])
})

it('given one whose number another process has by now, forgets it', () => {
  const state = open(newPlace())
  new Shims(state, () => 'boot').register(shim())
  expect(new Shims(state, () => 'boot').running()).toEqual([shim()])
  expect(new Shims(state, () => 'later').running()).toEqual([])
})

it.each([
  ['its grants', `grants = '{}'`],
  ['its start', `started = 'soon'`],
  ['its process', 'pid = -1'],
  ['its process', 'pid = 0'],
])('given one of which somebody has written over %s, does not list it', (_title, change) => {
  const place = newPlace()
  const shims = new Shims(open(place))
  shims.register(shim())
  edit(place, `UPDATE shims SET ${change}`)
  expect(shims.running()).toEqual([])
})
