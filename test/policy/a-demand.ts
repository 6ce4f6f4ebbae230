import fc from 'fast-check'
import { type Approver, type AskTerms, type Demand, PROOFS } from '../../src/approval.ts'
import type { VerifiedAnswer } from '../../src/policy/answers-met.ts'

/** The terms of an `ask` rule that wants nothing in particular, but for what is given. */
export function terms(changes: Partial<AskTerms> = {}): AskTerms {
  return {
    by: null,
    notSelf: false,
    count: 1,
    proof: 'terminal',
    confirm: 'key',
    waitMs: 45_000,
    onTimeout: 'queue',
    timeoutMs: 1_800_000,
    validMs: 600_000,
    edit: false,
    remember: null,
    message: null,
    ...changes,
  }
}

/** A demand of rules that want these people, by a sign-in. */
export function demandOf(...each: readonly Partial<Demand['each'][number]>[]): Demand {
  const { by, notSelf, count, message: _, ...rest } = terms({ proof: 'oidc' })
  const wanted = each.map((one, index) => ({ by, notSelf, count, rule: `rules[${index}]`, ...one }))
  return { ...rest, each: wanted, messages: [] }
}

/** Somebody who answers, in these groups. */
export function approver(sub: string, groups: readonly string[] = [], email: string | null = null): Approver {
  return { issuer: 'https://id.example', sub, email, groups, authTime: null }
}

const GROUPS = ['dba', 'ops', 'sec'] as const
const EMAILS = ['ann@acme.example', 'bob@acme.example'] as const

const by = fc.oneof(
  fc.constant(null),
  fc.constant('everyone' as const),
  fc.record({
    groups: fc.subarray([...GROUPS], { minLength: 1 }),
    emails: fc.subarray([...EMAILS]),
  }),
)

/** Draws terms of an `ask` rule. */
export const drawnTerms: fc.Arbitrary<AskTerms> = fc
  .record({
    by,
    notSelf: fc.boolean(),
    count: fc.integer({ min: 1, max: 3 }),
    proof: fc.constantFrom(...PROOFS),
    confirm: fc.constantFrom('key' as const, 'type' as const),
    waitMs: fc.integer({ min: 1, max: 600 }),
    onTimeout: fc.constantFrom('deny' as const, 'queue' as const),
    moreMs: fc.integer({ min: 0, max: 600 }),
    validMs: fc.integer({ min: 1, max: 600 }),
    edit: fc.boolean(),
    remember: fc.option(
      fc.record({ count: fc.integer({ min: 2, max: 9 }), forMs: fc.integer({ min: 1, max: 99 }) }),
    ),
    message: fc.option(fc.constantFrom('look twice', 'call me')),
  })
  .map(({ moreMs, ...rest }) => ({ ...rest, timeoutMs: rest.waitMs + moreMs }))

/** Draws verified answers of a few people, some of them several times. */
export const drawnAnswers: fc.Arbitrary<VerifiedAnswer[]> = fc.array(
  fc.record({
    proof: fc.constantFrom(...PROOFS),
    approver: fc.record({
      issuer: fc.constantFrom('https://id.example', 'https://other.example'),
      sub: fc.constantFrom('ann', 'bob', 'eve', 'kim'),
      email: fc.constantFrom(null, ...EMAILS),
      groups: fc.subarray([...GROUPS]),
      authTime: fc.constant(null),
    }),
  }),
  { maxLength: 8 },
)
