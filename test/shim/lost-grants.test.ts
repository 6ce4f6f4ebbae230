import { afterEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/policy.ts'
import { policyOf } from '../policy/a-policy.ts'
import { ALICE, Machine } from './an-authority.ts'

const IDENTITY = 'identity: { issuer: "https://id.example", clientId: h, approvals: { clientId: a } }\n'
const grant = (more: string, who = 'everyone') =>
  `  - { name: write, server: orders, who: ${who}, ${more}, rules: [{ allow: { tool: write } }] }\n`
const policyWith = (...grants: string[]): Promise<Policy> =>
  policyOf(`${IDENTITY}servers: { orders: {} }\n${grants.length === 0 ? '' : `grants:\n${grants.join('')}`}`)
const HOUR = grant('duration: { max: 1h }')
const NOT_NOW = { why: 'not now', help: 'A person can wait' }
const ASKING = { client: null, session: { id: 'S', calls: 0 } }

const machines: Machine[] = []
async function machineWith(text: string): Promise<Machine> {
  const policy = await policyWith(text)
  const machine = new Machine(policy)
  machines.push(machine)
  machine.takeUp(policy)
  machine.request('write', 3600)
  expect(machine.call('write')).toBe('allow')
  return machine
}
afterEach(() => machines.splice(0).forEach((machine) => machine.remove()))

const cause = (machine: Machine) => machine.authority.current(ASKING).cause

describe('what a signed policy no longer gives', () => {
  it.each([
    { given: 'no such grant', less: '', why: 'the policy no longer has this grant' },
    {
      given: 'a shorter one',
      less: grant('duration: { max: 1m }'),
      why: 'the policy now gives it for less time',
    },
    {
      given: 'one for fewer calls than were made',
      less: grant('duration: { max: 1h }, uses: 1'),
      why: 'the policy now gives it for fewer calls',
      made: grant('duration: { max: 1h }, uses: 9'),
    },
    {
      given: 'one that wants a stronger proof',
      less: grant('duration: { max: 1h }, activate: { proof: oidc }'),
      why: 'the policy now requires the proof `oidc`',
    },
    {
      given: 'one for others',
      less: grant('duration: { max: 1h }', '{ groups: [dba] }'),
      why: 'it is for others by now',
    },
  ])('[ATK-REVIVED-GRANT] given $given, is over, also under a later policy that gives it', async (one) => {
    const { less, why, made = HOUR } = one
    const machine = await machineWith(made)
    machine.real += 120
    machine.takeUp(await policyWith(...(less === '' ? [] : [less])))
    const told = cause(machine)
    expect(machine.call('write')).toBe('deny')
    machine.takeUp(await policyWith(made))
    expect(machine.call('write')).toBe('deny')
    machine.restart()
    expect(machine.call('write')).toBe('deny')
    expect(told).toContain(`ended write: ${why}`)
    machine.request('write', 60)
    expect(machine.call('write')).toBe('allow')
  })

  it.each([
    {
      given: 'a server that does not run as it says',
      deny: (machine: Machine) => (machine.unfit = NOT_NOW),
      again: (machine: Machine): void => void (machine.unfit = null),
    },
    {
      given: 'nobody whose sign-in counts',
      deny: (machine: Machine) => (machine.subject = { subject: null, blocked: NOT_NOW, ends: null }),
      again: (machine: Machine) => (machine.subject = { subject: ALICE, blocked: null, ends: null }),
    },
    {
      given: 'a policy that was not confirmed for too long',
      deny: (machine: Machine) => machine.usePolicy(machine.policy.policy, { blocked: NOT_NOW }),
      again: () => undefined,
    },
  ])('[ATK-REVIVED-GRANT] given $given meanwhile, the same', async ({ deny, again }) => {
    const machine = await machineWith(HOUR)
    machine.takeUp(await policyWith())
    deny(machine)
    expect(machine.call('write')).toBe('deny')
    again(machine)
    machine.takeUp(await policyWith(HOUR))
    expect(machine.call('write')).toBe('deny')
    machine.request('write', 60)
    expect(machine.call('write')).toBe('allow')
  })

  it('[ATK-REVIVED-GRANT] given less time and fewer calls for a while, keeps what is left of it', async () => {
    const machine = await machineWith(HOUR)
    machine.takeUp(await policyWith(grant('duration: { max: 2m }, uses: 3')))
    expect(machine.authority.current(ASKING).grants).toMatchObject([{ name: 'write' }])
    machine.takeUp(await policyWith(grant('duration: { max: 1h }, uses: 20')))
    expect([1, 2, 3, 4].map(() => machine.call('write'))).toEqual(['allow', 'allow', 'allow', 'deny'])
    machine.request('write', 3600)
    machine.takeUp(await policyWith(grant('duration: { max: 2m }')))
    machine.restart()
    expect(machine.call('write')).toBe('allow')
    machine.takeUp(await policyWith(HOUR))
    machine.real += 119
    machine.ahead -= 60 // nor does the clock
    expect(machine.call('write')).toBe('allow')
    machine.real += 1
    expect(machine.call('write')).toBe('deny')
  })

  it('[ATK-REVIVED-GRANT] given a shim that begins under it, the same', async () => {
    const machine = await machineWith(HOUR)
    machine.restart()
    machine.takeUp(await policyWith())
    expect(machine.call('write')).toBe('deny')
    machine.restart()
    machine.takeUp(await policyWith(HOUR))
    expect(machine.call('write')).toBe('deny')
  })

  it('given a shim that has yet to read the policy under which it was requested, leaves it alone', async () => {
    const machine = await machineWith(HOUR)
    machine.takeUp(await policyWith())
    expect(machine.call('write')).toBe('deny')
    const newer = await policyWith(HOUR)
    machine.behind(newer)
    machine.request('write', 600)
    expect(machine.call('write')).toBe('deny')
    machine.takeUp(newer)
    expect(machine.call('write')).toBe('allow')
  })

  it('given a policy that a `minVersion` has gone back behind, leaves alone what the earlier one gives', async () => {
    const machine = await machineWith(HOUR)
    const earlier = machine.policy.policy
    machine.takeUp(await policyWith())
    expect(machine.call('write')).toBe('deny')
    machine.goBack(earlier)
    machine.request('write', 600)
    expect(machine.call('write')).toBe('deny')
    machine.usePolicy(earlier)
    expect(machine.call('write')).toBe('allow')
  })

  it('given hours in which it does not hold, is there again when they are over', async () => {
    const machine = await machineWith(grant('duration: { max: 3h }, when: "now.getMinutes() != 5"'))
    machine.real += 5 * 60
    expect(machine.call('write')).toBe('deny')
    machine.real += 60
    expect(machine.call('write')).toBe('allow')
  })
})

describe('who somebody is', () => {
  it.each([
    { given: 'a group that was lost', unfit: null },
    { given: 'a group that was lost while all was denied', unfit: NOT_NOW },
  ])(
    '[ATK-REVIVED-GRANT] given $given, what it gave is over, also once they are in it again',
    async ({ unfit }) => {
      const machine = await machineWith(grant('duration: { max: 1h }', '{ groups: [engineering] }'))
      machine.subject = { ...machine.subject, subject: { ...ALICE, groups: [] } }
      machine.unfit = unfit
      expect(machine.call('write')).toBe('deny')
      machine.unfit = null
      machine.subject = { ...machine.subject, subject: ALICE }
      expect(machine.call('write')).toBe('deny')
    },
  )

  it('given groups that were read before it was requested, waits until they are read anew', async () => {
    const machine = await machineWith(grant('duration: { max: 1h }', '{ groups: [engineering] }'))
    machine.revoke('write')
    machine.subject = { ...machine.subject, subject: { ...ALICE, groups: [] } }
    machine.real += 1
    expect(machine.call('write')).toBe('deny')
    machine.request('write', 600)
    expect(machine.call('write')).toBe('deny')
    machine.subject = { ...machine.subject, subject: ALICE }
    expect(machine.call('write')).toBe('allow')
  })
})
