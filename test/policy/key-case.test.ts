import { describe, expect, it } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { circumstances, policyOf, tool } from './a-policy.ts'

const SERVERS =
  'servers:\n  s: { run: { command: srv } }\n  exact: { run: { command: srv }, arguments: { caseSensitive: true } }\n'

async function effectOf(rules: string, args: string, server = 's'): Promise<string> {
  const policy = await policyOf(`${SERVERS}rules:\n${rules}`)
  return decide(tool('t', args), rulesInForce(policy, server), circumstances({ server })).effect
}

describe('an argument whose key differs in case from what a condition looks for', () => {
  const deny = (when: string) =>
    `  - allow: { tool: t }\n  - deny: { tool: t }\n    when: ${JSON.stringify(when)}\n`

  it.each([
    {
      when: 'has(args.path) && args.path.contains("secret")',
      args: '{"Path":"/secret"}',
      twin: '{"Pith":"/secret"}',
    },
    { when: '"path" in args', args: '{"PATH":"/secret"}', twin: '{"PITH":"/secret"}' },
    {
      when: 'has(args.path) && args["path"] == "/s"',
      args: '{"\\u0050ath":"/s"}',
      twin: '{"\\u0050ith":"/s"}',
    },
    {
      when: 'has(args.o.path) || args.n == 2',
      args: '{"o":{"paTh":1},"n":1}',
      twin: '{"o":{"piTh":1},"n":1}',
    },
    { when: 'has(args.dryRun) && args.dryRun', args: '{"dryrun":true}', twin: '{"dryrum":true}' },
    { when: 'has(args.path) && args.x == 1.5', args: '{"Path":1,"x":1.25}', twin: '{"Pith":1,"x":1.25}' },
  ])('given $args and $when, makes a deny match [INV-3]', async ({ when, args, twin }) => {
    expect([await effectOf(deny(when), args), await effectOf(deny(when), twin)]).toEqual(['deny', 'allow'])
  })

  it('makes an allow not match [INV-3]', async () => {
    const allow = '  - allow: { tool: t }\n    when: "!has(args.path)"\n'
    expect(await effectOf(allow, '{"Path":"/secret"}')).toBe('deny')
    expect(await effectOf(allow, '{"other":"/secret"}')).toBe('allow')
  })

  it('given a server that tells such keys apart, is another argument', async () => {
    const rules = deny('has(args.path)')
    expect(await effectOf(rules, '{"Path":"/secret"}', 'exact')).toBe('allow')
    expect(await effectOf(rules, '{"path":"/secret"}', 'exact')).toBe('deny')
  })
})
