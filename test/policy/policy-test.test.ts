import { describe, expect, it } from 'vitest'
import { parsePolicyTest, runPolicyTest } from '../../src/policy/policy-test.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { policyOf } from './a-policy.ts'

const POLICY = `servers: { db: {} }
grants:
  - { name: g, server: db, who: everyone, rules: [{ allow: { tool: granted } }] }
rules:
  - allow: { tool: t }
    when: args.id == 9007199254740993
  - name: ops
    allow: { tool: restart }
    when: |
      "ops" in subject.groups
`

function parsed(text: string): ReturnType<typeof parsePolicyTest> {
  return parsePolicyTest(Buffer.from(text), 't.yaml')
}

async function results(tests: string): Promise<unknown> {
  const { test, problems } = parsed(`kind: PolicyTest\npolicy: policy.yaml\ntests:\n${tests}`)
  if (test === null) return problems.map(printProblem).join('\n')
  return runPolicyTest(test, await policyOf(POLICY), new Date('2026-11-21T09:30:00Z'))
}

describe('a policy test', () => {
  it('given what comes true, is ok, with numbers as they were written', async () => {
    const test =
      '  - { name: big, call: { name: t, arguments: { id: 9007199254740993 } }, expect: allow, rules: ["rules[0]"] }\n'
    expect(await results(test)).toEqual([
      {
        name: 'big',
        ok: true,
        expected: { effect: 'allow', rules: ['rules[0]'] },
        got: { effect: 'allow', rules: ['rules[0]'], why: 'all allow' },
      },
    ])
  })

  it('given what does not, says what came instead', async () => {
    const test = '  - { name: big, call: { name: t, arguments: { id: 9007199254740992 } }, expect: allow }\n'
    const why = 'no rule in force covers the tool `t`'
    expect(await results(test)).toEqual([
      {
        name: 'big',
        ok: false,
        expected: { effect: 'allow', rules: null },
        got: { effect: 'deny', rules: [], why },
      },
    ])
  })

  it.each([
    {
      given: 'a subject',
      test: '  - { name: a, as: { groups: [ops] }, call: { name: restart }, expect: allow, rules: [rules.ops] }',
      ok: true,
    },
    { given: 'no subject', test: '  - { name: a, call: { name: restart }, expect: allow }', ok: false },
    {
      given: 'other rules',
      test: '  - { name: a, as: { groups: [ops] }, call: { name: restart }, expect: allow, rules: [rules.dev] }',
      ok: false,
    },
    {
      given: 'a server',
      test: '  - { name: a, server: db, call: { name: granted }, expect: allow }',
      ok: true,
    },
    {
      given: 'no grants',
      test: '  - { name: a, server: db, grants: [], call: { name: granted }, expect: allow }',
      ok: false,
    },
    {
      given: 'a server that is not there',
      test: '  - { name: a, server: bd, call: { name: granted }, expect: deny }',
      ok: false,
    },
    {
      given: 'a grant that is not there',
      test: '  - { name: a, server: db, grants: [h], call: { name: granted }, expect: deny }',
      ok: false,
    },
    { given: 'a request', test: '  - { name: a, call: { method: ping }, expect: deny }', ok: true },
  ])('given $given, comes out ok: $ok', async ({ test, ok }) => {
    expect(await results(`${test}\n`)).toEqual([expect.objectContaining({ ok })])
  })

  it.each([
    [
      '  - { name: a, call: { nme: t }, expect: allow }',
      't.yaml:4:22: a short call has `name` and `arguments`, not `nme`',
    ],
    [
      '  - { name: a, call: { name: t }, expect: yes }',
      't.yaml:4:43: `yes` is a truth value to some YAML readers and text to others',
    ],
    ['  - { name: a, call: { name: t }, expct: deny }', 't.yaml:4:5: `expect` is missing here'],
    [
      '  - { name: a, as: { mail: x }, call: { name: t }, expect: deny }',
      't.yaml:4:22: unknown key `mail`, did you mean `email`?',
    ],
  ])('given %s, says %s', async (test, says) => {
    expect(String(await results(`${test}\n`)).split('\n')[0]).toBe(says)
  })

  it('given no kind, says that it is missing', () => {
    const { test, problems } = parsed(
      'policy: p.yaml\ntests: [{ name: a, call: { name: t }, expect: deny }]\n',
    )
    expect([test, problems.map(({ message }) => message)]).toEqual([null, ['`kind` is missing here']])
  })
})
