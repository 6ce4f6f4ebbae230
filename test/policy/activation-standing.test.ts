import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Activation, ActivationProof } from '../../src/activation.ts'
import { laterBy } from '../../src/instant.ts'
import {
  type HeldActivation,
  proofFault,
  type Standing,
  standingOf,
} from '../../src/policy/activation-standing.ts'
import type { Grant } from '../../src/policy/policy.ts'
import type { Subject } from '../../src/subject.ts'
import { terms } from './a-demand.ts'

const ANN: Subject = {
  issuer: 'https://a.example',
  sub: 'ann',
  email: null,
  groups: [],
  kind: 'human',
  claims: {},
}
const START = new Date('2026-11-21T09:00:00Z')
const OIDC: ActivationProof = { kind: 'oidc', idToken: 'x', request: '{}' }
const KEY: ActivationProof = { kind: 'key', key: 'k', signature: 's', request: '{}' }

const minutes = fc.integer({ min: 0, max: 120 })
const someUses = fc.option(fc.integer({ min: 1, max: 5 }))

const activations = fc.record({
  lasts: minutes,
  uses: someUses,
  reason: fc.option(fc.constant('INC-7')),
  proof: fc.constantFrom<ActivationProof>({ kind: 'terminal' }, KEY, OIDC),
  used: fc.integer({ min: 0, max: 6 }),
  ended: fc.option(fc.constant(START)),
})
const grants = fc.record({
  maxMinutes: fc.integer({ min: 1, max: 120 }),
  uses: someUses,
  reason: fc.constantFrom('required' as const, 'optional' as const),
  proof: fc.constantFrom('terminal' as const, 'oidc' as const, 'key' as const),
})
type Written = typeof activations extends fc.Arbitrary<infer T> ? T : never
type Given = typeof grants extends fc.Arbitrary<infer T> ? T : never

function held({ lasts, used, ended, ...rest }: Written): HeldActivation {
  const { issuer, sub } = ANN
  const activation: Activation = {
    ...rest,
    id: 'a',
    policy: 'p',
    grant: 'g',
    issuer,
    sub,
    device: 'd',
    started: START,
    expires: laterBy(START, lasts * 60_000),
  }
  return { activation, used, ended }
}

function grant({ maxMinutes, uses, reason, proof }: Given): Grant {
  const maxMs = maxMinutes * 60_000
  return {
    name: 'g',
    server: 's',
    who: 'everyone',
    when: null,
    activate: { mode: 'request', reason, proof, approval: null },
    listed: 'available',
    duration: { defaultMs: maxMs, maxMs },
    uses,
    rules: [],
  }
}

function standing(written: Written, given: Given, after: number): Standing {
  return standingOf(held(written), grant(given), ANN, laterBy(START, after * 60_000))
}

describe('an activation', () => {
  it('given that it was over once, never holds later', () => {
    fc.assert(
      fc.property(activations, grants, minutes, minutes, (written, given, after, more) => {
        if (standing(written, given, after).holds) return
        expect(standing(written, given, after + more).holds).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('given a policy that gives less, holds no longer than under the one that gave more', () => {
    const less = (given: Given, { maxMinutes, uses }: Given): Given => ({
      maxMinutes: Math.min(given.maxMinutes, maxMinutes),
      uses: given.uses === null ? uses : Math.min(given.uses, uses ?? given.uses),
      reason: 'required',
      proof: 'oidc',
    })
    fc.assert(
      fc.property(activations, grants, grants, minutes, (written, given, other, after) => {
        const narrow = standing(written, less(given, other), after)
        if (!narrow.holds) return
        const wide = standing(written, given, after)
        expect(wide.holds && narrow.expires <= wide.expires).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('given that it holds, is within its time, its uses, its proof', () => {
    let holding = 0
    fc.assert(
      fc.property(activations, grants, minutes, (written, given, after) => {
        if (!standing(written, given, after).holds) return
        holding += 1
        expect(after).toBeLessThan(Math.min(written.lasts, given.maxMinutes))
        expect(written.used).toBeLessThan(Math.min(written.uses ?? 99, given.uses ?? 99))
        const order = ['terminal', 'key', 'oidc']
        expect(order.indexOf(written.proof.kind)).toBeGreaterThanOrEqual(order.indexOf(given.proof))
        expect([written.ended, given.reason === 'required' && written.reason === null]).toEqual([null, false])
      }),
      { numRuns: 2000 },
    )
    expect(holding).toBeGreaterThan(10)
  })
})

describe('the yes of a second person', () => {
  const request = (proof: 'terminal' | 'key' | 'oidc') =>
    ({ mode: 'request', reason: 'optional', proof, approval: null }) as const
  const agreed = (proof: 'key' | 'oidc') =>
    ({ mode: 'approval', reason: 'optional', proof, approval: terms({ proof }) }) as const
  const kinds = ['terminal', 'key', 'oidc', 'approval'] as const

  it('counts where the grant wants it, and nothing else does', () => {
    const counts = kinds.map((kind) => proofFault({ kind }, agreed('oidc')) === null)
    expect(counts).toEqual([false, false, false, true])
    expect(proofFault({ kind: 'oidc' }, agreed('key'))).toBe(
      'the policy now requires that a second person agrees',
    )
  })

  it('counts nowhere else, and there what is as strong as is wanted does', () => {
    const counts = (proof: 'terminal' | 'key' | 'oidc') =>
      kinds.map((kind) => proofFault({ kind }, request(proof)) === null)
    expect(counts('terminal')).toEqual([true, true, true, false])
    expect(counts('key')).toEqual([false, true, true, false])
    expect(counts('oidc')).toEqual([false, false, true, false])
  })
})
