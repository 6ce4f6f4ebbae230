import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FACTS, VARIABLES } from '../../src/policy/cel-environment.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { parsePolicyTest, runPolicyTest } from '../../src/policy/policy-test.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { policyText } from './a-policy.ts'

const PAGE = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
const BLOCKS = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(([, block = '']) => block)
const POLICIES = BLOCKS.filter((block) => !block.startsWith('kind: PolicyTest'))
const TESTS = BLOCKS.filter((block) => block.startsWith('kind: PolicyTest'))

async function parsed(block: string): ReturnType<typeof parsePolicy> {
  return parsePolicy(Buffer.from(block.startsWith('apiVersion') ? block : policyText(block)), 'policy.md')
}

describe('docs/policy.md', () => {
  it.each(POLICIES)('given the block %j, it loads without a word', async (block) => {
    expect((await parsed(block)).problems.map(printProblem)).toEqual([])
  })

  it('given its policy test, it passes on its first policy', async () => {
    const { policy } = await parsed(POLICIES[0] ?? '')
    const { test, problems } = parsePolicyTest(Buffer.from(TESTS[0] ?? ''), 'policy.md')
    expect(problems).toEqual([])
    if (policy === null || test === null) throw new Error('the page has no policy or no test')
    const failed = runPolicyTest(test, policy, new Date('2026-11-21T09:30:00Z')).filter(({ ok }) => !ok)
    expect(failed).toEqual([])
  })

  it('given any variable or family of facts, names it', () => {
    const names = new Set([...Object.values(VARIABLES).flatMap((shape) => Object.keys(shape)), ...FACTS])
    expect([...names].filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([])
  })
})
