import * as v from 'valibot'
import type { Circumstances, Effect } from '../decision.ts'
import { readCall } from './call-text.ts'
import { didYouMean } from './near-miss.ts'
import { explain } from './explain.ts'
import type { Policy } from './policy.ts'
import type { Problem } from './problem.ts'
import { ProblemList } from './problem-list.ts'
import { grantNames } from './rules-in-force.ts'
import { checkShape } from './shape-fault.ts'
import { decodeSource } from './source-text.ts'
import { completeSubject, SubjectFile } from './subject-file.ts'
import { parseYaml } from './yaml.ts'
import { jsonOf, nodeAt, plainValue } from './yaml-node.ts'

const text = v.pipe(v.string(), v.minLength(1, 'this must not be empty'))

const PolicyTestFile = v.strictObject({
  apiVersion: v.optional(v.literal('hoopctl/v1')),
  kind: v.literal('PolicyTest'),
  policy: text,
  tests: v.pipe(
    v.array(
      v.strictObject({
        name: text,
        as: v.optional(SubjectFile),
        server: v.optional(text),
        grants: v.optional(v.array(text)),
        call: v.record(v.string(), v.unknown()),
        expect: v.picklist(['allow', 'ask', 'deny']),
        rules: v.optional(v.array(text)),
      }),
    ),
    v.minLength(1, 'this list is empty, so nothing is tested'),
  ),
})

/** A policy test, read: which policy it is about, and what is expected of which call. */
export interface PolicyTest {
  /** As written: relative to the test's own file. */
  readonly policy: string
  readonly tests: readonly TestCase[]
}

interface TestCase {
  readonly name: string
  readonly as: SubjectFile
  readonly server: string | null
  readonly grants: readonly string[] | null
  /** The call as JSON text, with every number as it was written. */
  readonly call: string
  readonly expect: Effect
  /** The rules that must have led to it, in any order; null: any. */
  readonly rules: readonly string[] | null
}

/** What one test of a policy came to. */
export interface TestResult {
  readonly name: string
  readonly ok: boolean
  readonly expected: { readonly effect: Effect; readonly rules: readonly string[] | null }
  readonly got: { readonly effect: Effect; readonly rules: readonly string[]; readonly why: string }
}

/** Reads a policy test (`kind: PolicyTest`) as strictly as a policy; null where a problem stands in the way. */
export function parsePolicyTest(
  source: Uint8Array,
  path: string,
): { test: PolicyTest | null; problems: readonly Problem[] } {
  const decoded = decodeSource(source, path)
  if (decoded.problem !== null) return { test: null, problems: [decoded.problem] }
  const { root, problems } = parseYaml(decoded.source)
  if (root === null) return { test: null, problems }
  const shape = checkShape(PolicyTestFile, root, plainValue(root), decoded.source)
  if (shape.output === null) return { test: null, problems: shape.problems }
  const list = new ProblemList(decoded.source, root)
  const tests = shape.output.tests.map((written, index): TestCase => {
    const call = jsonOf(nodeAt(root, ['tests', index, 'call']))
    const read = readCall(call)
    if (read.kind === 'bad') list.atValue(['tests', index, 'call'], read.why)
    const { name, as, server, grants, expect, rules } = written
    return {
      name,
      as: as ?? {},
      server: server ?? null,
      grants: grants ?? null,
      call,
      expect,
      rules: rules ?? null,
    }
  })
  const found = list.sorted()
  return { test: found.length > 0 ? null : { policy: shape.output.policy, tests }, problems: found }
}

/** Runs a policy test against its policy. A test that names a server or grant that is not there fails, and says so. */
export function runPolicyTest({ tests }: PolicyTest, policy: Policy, now: Date): TestResult[] {
  return tests.map((test): TestResult => {
    const expected = { effect: test.expect, rules: test.rules }
    const unknown = unknownName(test, policy)
    if (unknown !== null) {
      return { name: test.name, ok: false, expected, got: { effect: 'deny', rules: [], why: unknown } }
    }
    const explained = explain(test.call, policy, circumstancesOf(test, policy, now), test.grants ?? undefined)
    const got = explained.ok
      ? explained.explanation
      : { effect: 'deny' as const, rules: [], why: explained.why }
    const ok = got.effect === test.expect && (test.rules === null || sameNames(test.rules, got.rules))
    return { name: test.name, ok, expected, got: { effect: got.effect, rules: got.rules, why: got.why } }
  })
}

function unknownName({ server, grants }: TestCase, policy: Policy): string | null {
  if (server !== null && !policy.servers.has(server)) {
    return `the policy has no server \`${server}\`${didYouMean(server, policy.servers.keys())}`
  }
  const known = grantNames(policy, server)
  const missing = grants?.find((grant) => !known.includes(grant))
  return missing === undefined
    ? null
    : `there is no grant \`${missing}\` on this server${didYouMean(missing, known)}`
}

function circumstancesOf({ as, server }: TestCase, { identity }: Policy, now: Date): Circumstances {
  const subject = completeSubject(as, identity?.issuer ?? null)
  return { subject, client: null, server, session: { id: 'policy-test', calls: 0 }, now }
}

function sameNames(wanted: readonly string[], got: readonly string[]): boolean {
  return [...wanted].sort().join('\n') === [...got].sort().join('\n')
}
