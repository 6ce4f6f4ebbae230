import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/policy/policy.ts'
import { policyOf } from '../policy/a-policy.ts'
import { terms } from '../policy/a-demand.ts'
import { eventually } from '../eventually.ts'
import { ALICE, Machine } from './an-authority.ts'

const SERVER = 'servers: { orders: {} }\n'
const grant = (name: string, more: string) =>
  `  - { name: ${name}, server: orders, who: everyone, ${more}, rules: [{ allow: { tool: ${name} } }] }\n`
const policyWith = (...grants: string[]): Promise<Policy> => policyOf(`${SERVER}grants:\n${grants.join('')}`)

const machines: Machine[] = []
async function machineWith(...grants: string[]): Promise<Machine> {
  const machine = new Machine(await policyWith(...grants))
  machines.push(machine)
  return machine
}
afterEach(() => machines.splice(0).forEach((machine) => machine.remove()))

const WRITE = grant('write', 'duration: { default: 5m, max: 10m }')
const READ = grant('read', 'activate: { mode: session }')
const ASKING = { client: null, session: { id: 'S', calls: 0 } }

describe('a grant that is requested', () => {
  it('holds from the next message on, until its end', async () => {
    const machine = await machineWith(WRITE)
    expect(machine.call('write')).toBe('deny')
    machine.request('write', 300)
    expect(machine.call('write')).toBe('allow')
    machine.real += 299
    expect(machine.call('write')).toBe('allow')
    machine.real += 1
    expect(machine.call('write')).toBe('deny')
  })

  it('is told and recorded: who, until when, why', async () => {
    const machine = await machineWith(WRITE)
    machine.authority.current(ASKING)
    machine.request('write', 300)
    const { grants, cause, until } = machine.authority.current(ASKING)
    expect(grants).toMatchObject([{ name: 'write', mode: 'request', reason: 'INC-1' }])
    expect([cause, until]).toEqual(['request write: INC-1', new Date('2026-11-21T09:05:00Z')])
  })

  it('is revoked at once', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    expect(machine.call('write')).toBe('allow')
    machine.revoke('write')
    expect(machine.call('write')).toBe('deny')
  })

  it('survives a restart of the shim', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    machine.restart()
    expect(machine.call('write')).toBe('allow')
  })

  it('is shown in lists before anybody asks for it, unless the policy says otherwise', async () => {
    const machine = await machineWith(WRITE, grant('hidden', 'listed: active'))
    const { rules, listed, possible } = machine.authority.current(ASKING)
    const sizes = [rules, listed, possible].map(({ layers }) =>
      layers.flatMap((layer) => [...layer.values()]),
    )
    expect(sizes.map((all) => all.reduce((sum, { all: entries }) => sum + entries.length, 0))).toEqual([
      0, 1, 2,
    ])
  })

  it('is named in a denial, with the command that asks for it', async () => {
    const machine = await machineWith(grant('write', 'activate: { reason: required }'))
    machine.authority.current(ASKING)
    const call = { kind: 'tool', name: 'write', args: '{}', annotations: null } as const
    const circumstances = { ...ASKING, subject: ALICE, server: 'orders', now: machine.now() }
    expect(machine.authority.helpFor(call, circumstances)).toBe(
      'The grant write would allow it. A person can ask for it with: hoopctl request write --reason "…"',
    )
    expect(machine.authority.helpFor({ ...call, name: 'other' }, circumstances)).toBe(null)
  })

  it('given that it was asked for and nobody can check the proof, says that, and not to ask again', async () => {
    const machine = await machineWith(WRITE)
    machine.check = async () => Promise.reject(new Error('https://id.example cannot be reached'))
    const { grants } = machine.policy.policy
    const proven = grants.map((one) => ({ ...one, activate: { ...one.activate, proof: 'oidc' } as const }))
    machine.usePolicy({ ...machine.policy.policy, grants: proven })
    machine.request('write', 300, null, { kind: 'oidc', idToken: 'token', request: '{}' })
    expect(machine.call('write')).toBe('deny')
    const call = { kind: 'tool', name: 'write', args: '{}', annotations: null } as const
    const circumstances = { ...ASKING, subject: ALICE, server: 'orders', now: machine.now() }
    await eventually(() =>
      expect(machine.authority.helpFor(call, circumstances)).toBe(
        'The grant write would allow it, was asked for, and does not count yet: its proof cannot be checked now: https://id.example cannot be reached. hoopctl checks again by itself',
      ),
    )
  })

  it('given that a second person must agree, is shown in lists, and named with that; one at a terminal is none', async () => {
    const machine = await machineWith(WRITE)
    const agreed = machine.policy.policy.grants.map((one) => ({
      ...one,
      activate: {
        mode: 'approval',
        reason: 'optional',
        proof: 'oidc',
        approval: terms({ proof: 'oidc' }),
      } as const,
    }))
    machine.usePolicy({ ...machine.policy.policy, grants: agreed })
    machine.request('write', 300)
    expect(machine.call('write')).toBe('deny')
    const { listed } = machine.authority.current(ASKING)
    expect(listed.layers.flatMap((layer) => [...layer.values()])).toHaveLength(1)
    const call = { kind: 'tool', name: 'write', args: '{}', annotations: null } as const
    const circumstances = { ...ASKING, subject: ALICE, server: 'orders', now: machine.now() }
    expect(machine.authority.helpFor(call, circumstances)).toBe(
      'The grant write would allow it, once a second person agrees. A person can ask for it with: hoopctl request write',
    )
  })

  it('given a number of uses, lets so many calls through', async () => {
    const machine = await machineWith(grant('write', 'uses: 2'))
    machine.request('write', 300, 2)
    expect(['write', 'write', 'write'].map((tool) => machine.call(tool))).toEqual(['allow', 'allow', 'deny'])
  })

  it('given `proof: oidc`, an activation at a terminal is none', async () => {
    const machine = await machineWith(WRITE)
    const { grants } = machine.policy.policy
    machine.request('write', 300)
    const proven = grants.map((one) => ({ ...one, activate: { ...one.activate, proof: 'oidc' } as const }))
    machine.usePolicy({ ...machine.policy.policy, grants: proven })
    expect(machine.call('write')).toBe('deny')
  })

  it('given state that cannot be read, nothing is active, and it is told once', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    expect(machine.call('write')).toBe('allow')
    const { renameSync } = await import('node:fs')
    renameSync(`${machine.directory}/state/state.db`, `${machine.directory}/state/elsewhere`)
    expect([machine.call('write'), machine.call('write')]).toEqual(['deny', 'deny'])
    expect(machine.said).toHaveLength(1)
    expect(machine.said[0]).toContain('nothing that was requested is active')
  })
})

describe('a grant that starts with the session', () => {
  it('holds as long as the session where it has no duration', async () => {
    const machine = await machineWith(READ)
    machine.real += 86_400
    expect(machine.call('read')).toBe('allow')
    expect(machine.authority.current(ASKING).grants).toMatchObject([{ mode: 'session', expires: null }])
  })

  it('ends with its duration, and does not start again by itself', async () => {
    const machine = await machineWith(grant('read', 'activate: { mode: session }, duration: { default: 5m }'))
    expect(machine.call('read')).toBe('allow')
    machine.real += 300
    expect([machine.call('read'), machine.call('read')]).toEqual(['deny', 'deny'])
  })

  it('given that the policy wants a reason, does not start without one, and says how it would', async () => {
    const machine = await machineWith(grant('read', 'activate: { mode: session, reason: required }'))
    expect(machine.call('read')).toBe('deny')
    const call = { kind: 'tool', name: 'read', args: '{}', annotations: null } as const
    const circumstances = { ...ASKING, subject: ALICE, server: 'orders', now: machine.now() }
    expect(machine.authority.helpFor(call, circumstances)).toContain('restart the client, with --reason "…"')
  })

  it('is revoked', async () => {
    const machine = await machineWith(READ)
    expect(machine.call('read')).toBe('allow')
    machine.revoke('read')
    expect([machine.call('read'), machine.call('read')]).toEqual(['deny', 'deny'])
  })
})

describe('what one grant cannot do to another', () => {
  it.each(['possible', 'inForce', 'undefined'])(
    'given the name %s, gives nothing but its own',
    async (name) => {
      const machine = await machineWith(
        grant(name, 'duration: { max: 10m }'),
        grant('danger', 'duration: { max: 10m }'),
      )
      machine.authority.current(ASKING)
      machine.request(name, 300)
      expect([machine.call(name), machine.call('danger')]).toEqual(['allow', 'deny'])
    },
  )

  it('given a condition on the number of calls, counts each of them', async () => {
    const machine = await machineWith(grant('few', 'activate: { mode: session }, when: session.calls < 3'))
    const calls = [0, 1, 2, 3, 4].map((count) => machine.call('few', count))
    expect(calls).toEqual(['allow', 'allow', 'allow', 'deny', 'deny'])
  })
})

describe('another policy, another person', () => {
  it('given one that gives fewer uses, or counts them from now on, holds to that', async () => {
    const machine = await machineWith(grant('write', 'uses: 20'))
    machine.request('write', 300, 20)
    expect([machine.call('write'), machine.call('write')]).toEqual(['allow', 'allow'])
    machine.usePolicy(await policyWith(grant('write', 'uses: 3')))
    expect([machine.call('write'), machine.call('write')]).toEqual(['allow', 'deny'])
    const other = await machineWith(WRITE)
    other.request('write', 300)
    other.usePolicy(await policyWith(grant('write', 'uses: 1')))
    expect([other.call('write'), other.call('write')]).toEqual(['allow', 'deny'])
  })

  it('given one that gives a session grant for a shorter time, it ends sooner', async () => {
    const machine = await machineWith(
      grant('read', 'activate: { mode: session }, duration: { default: 8h, max: 8h }'),
    )
    expect(machine.call('read')).toBe('allow')
    machine.real += 3600
    machine.usePolicy(await policyWith(grant('read', 'activate: { mode: session }, duration: { max: 1m }')))
    expect(machine.call('read')).toBe('deny')
  })

  it('given one that no longer runs what runs here, nothing is in force', async () => {
    const machine = await machineWith(READ)
    expect(machine.call('read')).toBe('allow')
    machine.unfit = { why: 'the policy now runs this server in another way', help: 'restart' }
    machine.usePolicy(await policyWith(READ))
    expect(machine.call('read')).toBe('deny')
  })

  it('given a policy that no longer gives the grant, it ends', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    expect(machine.call('write')).toBe('allow')
    machine.usePolicy(await policyWith(READ))
    expect(machine.call('write')).toBe('deny')
  })

  it('given one that gives it for a shorter time, it ends sooner', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    machine.usePolicy(await policyWith(grant('write', 'duration: { max: 1m }')))
    machine.real += 61
    expect(machine.call('write')).toBe('deny')
  })

  it.each([
    {
      given: 'a policy without it meanwhile',
      before: () => policyWith(READ),
      meanwhile: (machine: Machine) => machine.call('write'),
    },
    {
      given: 'a shim that was started again',
      before: () => policyWith(WRITE),
      meanwhile: (machine: Machine) => machine.restart(),
    },
  ])(
    '[ATK-CLOCK-BACK] given $given and a clock set back a little, it ends no later for that',
    async ({ before, meanwhile }) => {
      const machine = await machineWith(WRITE)
      machine.usePolicy(await before())
      machine.request('write', 300)
      machine.call('write')
      machine.ahead -= 50
      machine.real += 59
      meanwhile(machine)
      machine.usePolicy(await policyWith(grant('write', 'duration: { max: 1m }')))
      expect(machine.call('write')).toBe('allow')
      machine.real += 1
      expect(machine.call('write')).toBe('deny')
    },
  )

  it('given somebody else, what one person requested is not the other’s', async () => {
    const machine = await machineWith(WRITE)
    machine.request('write', 300)
    machine.subject = { ...machine.subject, subject: { ...ALICE, sub: 'bob' } }
    expect(machine.call('write')).toBe('deny')
  })

  it('given nobody, or a policy that has ended, nothing is in force', async () => {
    const machine = await machineWith(READ)
    expect(machine.call('read')).toBe('allow')
    const blocked = { why: 'nobody is signed in', help: 'A person can sign in with: hoopctl login' }
    machine.subject = { subject: null, blocked, ends: null }
    expect(machine.call('read')).toBe('deny')
  })
})

describe('any order of requests, revocations, clocks, restarts and policies', () => {
  type Step =
    | { readonly do: 'request'; readonly seconds: number }
    | { readonly do: 'revoke' | 'restart' | 'call' }
    | { readonly do: 'pass' | 'set'; readonly seconds: number }
    | { readonly do: 'policy'; readonly index: number }

  const between = (min: number, max: number) => fc.integer({ min, max })
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant('request' as const), seconds: between(1, 600) }),
    fc.record({ do: fc.constantFrom('revoke' as const, 'restart' as const, 'call' as const) }),
    fc.record({ do: fc.constant('pass' as const), seconds: between(0, 400) }),
    fc.record({ do: fc.constant('set' as const), seconds: between(-3600, 3600) }),
    fc.record({ do: fc.constant('set' as const), seconds: between(-130, 0) }),
    fc.record({ do: fc.constant('policy' as const), index: between(0, 2) }),
  )

  // What a policy gives after its grant was taken away, or shortened, brings nothing back.
  it('lets no call pass after the end of its grant [ATK-CLOCK-BACK]', async () => {
    const policies = await Promise.all([
      policyWith(WRITE),
      policyWith(grant('write', 'duration: { max: 1m }')),
      policyWith(READ),
    ])
    const most = [600, 60, 0] // seconds that each policy gives `write` for
    let allowed = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const machine = new Machine(policies[0] ?? raise())
        machine.takeUp(policies[0] ?? raise())
        let [policy, started, end] = [0, 0, 0]
        try {
          for (const one of steps) {
            if (one.do === 'request' && machine.request('write', one.seconds)) {
              ;[started, end] = [machine.real, machine.real + one.seconds]
            } else if (one.do === 'revoke') {
              machine.revoke('write')
              end = machine.real
            } else if (one.do === 'restart') machine.restart()
            else if (one.do === 'pass') machine.real += one.seconds
            else if (one.do === 'set') machine.ahead += one.seconds
            else if (one.do === 'policy') {
              policy = one.index
              machine.takeUp(policies[policy] ?? raise())
            }
            const isAllowed = machine.call('write') === 'allow'
            end = Math.min(end, started + (most[policy] ?? 0))
            if (!isAllowed) continue
            expect(machine.real).toBeLessThan(end)
            allowed += 1
          }
        } finally {
          machine.remove()
        }
      }),
      { numRuns: 100 },
    )
    expect(allowed).toBeGreaterThan(10) // else nothing was ever active, and the law would hold of nothing
  })
})

function raise(): never {
  throw new Error('there are three policies')
}
