import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Demand } from '../../src/approval.ts'
import { decide } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/explain.ts'
import { coveringGrants } from '../../src/policy/grants.ts'
import { isListed } from '../../src/policy/listing.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { rulesInForce, withAvailable } from '../../src/policy/rules-in-force.ts'
import { circumstances, policyOf, tool } from './a-policy.ts'

const PATTERNS = ['get', 'put', 'g*', '*t', '*', 'p*t', '*_x', 'get_x']
const CALLED = ['get', 'put', 'get_x', 'other']
const CONDITIONS = [null, 'args.n > 2', 'client.name == "claude-code"', 'session.calls == 9']

const rule = fc.record({
  effect: fc.constantFrom('allow', 'ask', 'deny'),
  pattern: fc.constantFrom(...PATTERNS),
  when: fc.constantFrom(...CONDITIONS),
})
const rules = fc.array(rule, { minLength: 1, maxLength: 6 })
const grants = fc.array(fc.record({ rules, mine: fc.boolean() }), { minLength: 1, maxLength: 4 })

type RuleDrawn = typeof rule extends fc.Arbitrary<infer T> ? T : never
interface Drawn {
  readonly rules: readonly RuleDrawn[]
  readonly grants: readonly { readonly rules: readonly RuleDrawn[]; readonly mine: boolean }[]
}

/** The sections as JSON, which is YAML; names say what is what, wherever it stands. */
function sections({ rules: own, grants: given }: Drawn, turned: boolean): string {
  const turn = <T>(list: readonly T[]): T[] => (turned ? [...list].reverse() : [...list])
  const written = (list: readonly RuleDrawn[]) =>
    turn(
      list.map(({ effect, pattern, when }, index) => ({
        name: `r${index}`,
        [effect]: { tool: pattern },
        ...(when === null ? {} : { when }),
      })),
    )
  const named = given.map((grant, index) => ({
    name: `g${index}`,
    server: 'db',
    who: grant.mine ? 'everyone' : { groups: ['ops'] },
    rules: written(grant.rules),
  }))
  const lines = [`servers: { db: {} }`, `rules: ${JSON.stringify(written(own))}`]
  return `${lines.join('\n')}\ngrants: ${JSON.stringify(turn(named))}\n`
}

const UNDER = circumstances({ server: 'db' })

/** Everything that a policy says of some calls. */
function answers(policy: Policy): unknown {
  const active = ['g3']
  const inForce = rulesInForce(policy, 'db', active)
  const others = policy.grants.filter(({ name }) => !active.includes(name))
  const listed = withAvailable(inForce, policy, others)
  return CALLED.map((name) => {
    const call = tool(name, '{"n":3}')
    const decision = decide(call, inForce, UNDER)
    const explained = explain(`{"name":"${name}","arguments":{"n":3}}`, policy, UNDER)
    const entry = { kind: 'tool', name, annotations: null } as const
    const available = others.map((grant) => grant.name)
    return {
      decision: { ...decision, rules: [...decision.rules].sort(), demand: sorted(decision.demand) },
      explained: explained.ok
        ? [explained.explanation.effect, [...explained.explanation.rules].sort()]
        : explained.why,
      counted: explained.ok ? [...explained.explanation.grants].sort() : [],
      isListed: isListed(entry, listed, UNDER),
      covering: coveringGrants(call, policy, 'db', available, UNDER, active).map((grant) => grant.name),
    }
  })
}

function sorted(demand: Demand | undefined): Demand | null {
  if (demand === undefined) return null
  return { ...demand, each: [...demand.each].sort((a, b) => (a.rule < b.rule ? -1 : 1)) }
}

describe('the order of a policy', () => {
  it('[INV-2] given the rules and grants in another order, means the same', async () => {
    await fc.assert(
      fc.asyncProperty(rules, grants, async (own, given) => {
        const drawn = { rules: own, grants: given }
        const one = await load(sections(drawn, false))
        const other = await load(sections(drawn, true))
        // Where one takes everything from another, both orders are refused.
        if (one === null || other === null) expect([one, other]).toEqual([null, null])
        else expect(answers(other)).toEqual(answers(one))
      }),
      { numRuns: 150 },
    )
  })

  it('given grants beside rules, decides as if all of them stood in one list', async () => {
    await fc.assert(
      fc.asyncProperty(rules, grants, async (own, given) => {
        const split = await load(sections({ rules: own, grants: given }, false))
        const all = [...own, ...given.flatMap((grant) => grant.rules)]
        const joined = await load(sections({ rules: all, grants: [] }, false))
        if (split === null || joined === null) return
        for (const name of CALLED) {
          const call = tool(name, '{"n":3}')
          const { effect } = decide(call, rulesInForce(split, 'db'), UNDER)
          expect(effect).toBe(decide(call, rulesInForce(joined, 'db'), UNDER).effect)
        }
      }),
      { numRuns: 150 },
    )
  })
})

function load(text: string): Promise<Policy | null> {
  return policyOf(text).catch(() => null)
}
