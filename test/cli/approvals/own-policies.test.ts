import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { OwnPolicies } from '../../../src/cli/approvals/own-policies.ts'
import { fakeContext } from '../fake-context.ts'

it('given a policy file that was changed a moment ago, decides by what stands there now', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-own-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'policy.yaml')
  const write = (effect: string) => {
    const rules = `rules:\n  - ${effect}: { tool: x }\n`
    writeFileSync(path, `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: p }\n${rules}`, {
      mode: 0o600,
    })
  }
  write('ask')
  let changes = 0
  const { context } = fakeContext({ env: { HOOPCTL_HOME: join(folder, 'home') } })
  const policies = new OwnPolicies(path, context, () => (changes += 1))
  await policies.load()
  onTestFinished(() => policies.close())
  const effect = () => {
    const own = policies.of()
    return own.kind === 'policy' ? own.policy.rules.map((rule) => rule.effect) : own.why
  }
  expect(effect()).toEqual(['ask'])
  const before = changes
  await policies.catchUp()
  expect(changes).toBe(before)
  write('deny')
  await policies.catchUp()
  expect([effect(), changes]).toEqual([['deny'], before + 1])
  writeFileSync(path, 'rules: [', { mode: 0o600 })
  await policies.catchUp()
  expect(policies.of().kind).toBe('none')
})
