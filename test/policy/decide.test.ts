import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/decision.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { grantNames, rulesInForce } from '../../src/policy/rules-in-force.ts'
import { circumstances, decided, policyOf, tool } from './a-policy.ts'

const SERVERS = `servers:
  db:
    verbs:
      query: [{ tool: list_tables }, { tool: run, when: args.kind == "read" }]
      mutate: [{ tool: run, when: args.kind == "write" }]
  docs: {}
`

describe('decide', () => {
  it('given an allow, allows and cites it', async () => {
    const decision = await decided('rules:\n  - allow: { tool: t }\n    reason: fine\n', tool('t'))
    expect(decision).toEqual({ effect: 'allow', rules: ['rules[0]'], why: 'all allow', reasons: ['fine'] })
  })

  it('given allow, ask and deny, denies and cites the deny alone', async () => {
    const rules =
      'rules:\n  - allow: { tool: "t*" }\n  - ask: { tool: [t, u] }\n  - { name: never, deny: { tool: t }, when: "args.x == 1" }\n'
    expect(await decided(rules, tool('t', '{"x":1}'))).toEqual({
      effect: 'deny',
      rules: ['rules.never'],
      why: 'one denies',
      reasons: [],
    })
    expect(await decided(rules, tool('t', '{"x":2}'))).toEqual({
      effect: 'ask',
      rules: ['rules[1]'],
      why: 'one asks',
      reasons: [],
      demand: {
        proof: 'terminal',
        confirm: 'key',
        waitMs: 45_000,
        onTimeout: 'queue',
        timeoutMs: 1_800_000,
        validMs: 600_000,
        edit: false,
        remember: null,
        each: [{ by: null, notSelf: false, count: 1, rule: 'rules[1]' }],
        messages: [],
      },
    })
    expect(await decided(rules, tool('tt'))).toEqual({
      effect: 'allow',
      rules: ['rules[0]'],
      why: 'all allow',
      reasons: [],
    })
  })

  it('given no rule that covers it, denies by its name', async () => {
    const why = 'no rule in force covers the tool `u`'
    expect(await decided('rules:\n  - allow: { tool: t }\n', tool('u'))).toEqual({
      effect: 'deny',
      rules: [],
      why,
      reasons: [],
    })
  })

  it('given a name that would move the cursor, shows it', async () => {
    const { why } = await decided('rules:\n  - allow: { tool: t }\n', tool('\u001b[2J'))
    expect(why).toBe('no rule in force covers the tool `\\u{1b}[2J`')
  })

  it('given a condition that fails, lets a deny and an ask match and an allow not', async () => {
    const rules = (effect: string): string =>
      `rules:\n  - allow: { tool: "*" }\n  - ${effect}: { tool: t }\n    when: args.x == 1\n`
    expect((await decided(rules('deny'), tool('t'))).effect).toBe('deny')
    expect((await decided(rules('ask'), tool('t'))).effect).toBe('ask')
    expect((await decided('rules:\n  - allow: { tool: t }\n    when: args.x == 1\n', tool('t'))).effect).toBe(
      'deny',
    )
    expect(
      (await decided('rules:\n  - allow: { tool: t }\n    when: args.x == 1\n', tool('t', '{"x":1}'))).effect,
    ).toBe('allow')
  })

  it('given two rules that deny, says how many', async () => {
    const { rules, why } = await decided(
      'rules:\n  - deny: { tool: t }\n  - deny: { tool: "*" }\n',
      tool('t'),
    )
    expect({ rules, why }).toEqual({ rules: ['rules[0]', 'rules[1]'], why: '2 deny' })
  })

  it('given a resource that is not in normal form, denies with the form to write', async () => {
    const rules = 'rules:\n  - allow: { resource: "file:///srv/**" }\n'
    const odd: Call = { kind: 'resource', uri: 'file:///srv/../etc/passwd' }
    const why = 'the address is not in normal form: it holds a dot segment: write `file:///etc/passwd`'
    expect(await decided(rules, odd)).toEqual({ effect: 'deny', rules: [], why, reasons: [] })
    expect((await decided(rules, { kind: 'resource', uri: 'file:///srv/etc/passwd' })).effect).toBe('allow')
  })

  it('given a server request, reads its parameters', async () => {
    const rules =
      'rules:\n  - allow: { serverRequest: elicitation.form }\n    when: size(request.requestedSchema) < 3\n'
    const ask = (request: string): Call => ({ kind: 'serverRequest', name: 'elicitation.form', request })
    expect((await decided(rules, ask('{"requestedSchema":{"a":1}}'))).effect).toBe('allow')
    expect((await decided(rules, ask('{}'))).effect).toBe('deny')
  })

  it('given a verb, covers the tools of its entries where their conditions hold', async () => {
    const rules = `${SERVERS}rules:\n  - allow: { verb: query, server: db }\n  - ask: { verb: mutate }\n`
    const at = async (call: Call): Promise<string> => (await decided(rules, call, { server: 'db' })).effect
    expect(await at(tool('list_tables'))).toBe('allow')
    expect(await at(tool('run', '{"kind":"read"}'))).toBe('allow')
    expect(await at(tool('run', '{"kind":"write"}'))).toBe('ask')
    // The entry's condition fails: for the allow that is no match, for the ask it is one.
    expect(await at(tool('run'))).toBe('ask')
    expect((await decided(rules, tool('list_tables'), { server: 'docs' })).effect).toBe('deny')
  })

  it('given a rule on one server, leaves others alone', async () => {
    const rules = `${SERVERS}rules:\n  - allow: { tool: t, server: docs }\n`
    expect((await decided(rules, tool('t'), { server: 'docs' })).effect).toBe('allow')
    expect((await decided(rules, tool('t'), { server: 'db' })).effect).toBe('deny')
    expect((await decided(rules, tool('t'), { server: null })).effect).toBe('deny')
  })

  it('given grants, adds the rules of those that are named', async () => {
    const grants = `${SERVERS}grants:\n  - { name: g, server: db, who: everyone, rules: [{ allow: { tool: t } }, { name: never, deny: { tool: u } }] }\n`
    const policy = await policyOf(grants)
    const under = circumstances({ server: 'db' })
    expect(grantNames(policy, 'db')).toEqual(['g'])
    expect(decide(tool('t'), rulesInForce(policy, 'db'), under).rules).toEqual(['grants.g.rules[0]'])
    expect(decide(tool('u'), rulesInForce(policy, 'db', ['g']), under).rules).toEqual(['grants.g.never'])
    expect(decide(tool('t'), rulesInForce(policy, 'db', []), under).effect).toBe('deny')
    expect(decide(tool('t'), rulesInForce(policy, 'docs'), circumstances({ server: 'docs' })).effect).toBe(
      'deny',
    )
  })

  const effects = fc.constantFrom('allow', 'ask', 'deny')
  const patterns = fc.constantFrom('read_*', 'read_a', '*', '*_a', 'write_b')
  const conditions = fc.constantFrom('', 'args.n > 1', 'args.n < 5', 'args.missing == 1')
  const ruleLine = fc
    .tuple(effects, patterns, conditions)
    .map(([effect, pattern, when]) => ({ effect, pattern, when }))
  const named = (rules: readonly { effect: string; pattern: string; when: string }[]): string[] =>
    rules.map(({ effect, pattern, when }, index) => {
      const condition = when === '' ? '' : `, when: "${when}"`
      return `  - { name: r${index}, ${effect}: { tool: "${pattern}" }${condition} }\n`
    })

  it('given rules in any order, decides the same', async () => {
    const decideUnder = async (lines: readonly string[], call: Call): Promise<unknown> => {
      const policy: Policy | null = await policyOf(`rules:\n${lines.join('')}`).catch(() => null)
      if (policy === null) return 'refused at load'
      const { effect, rules } = decide(call, rulesInForce(policy, null), circumstances())
      return { effect, rules: [...rules].sort() }
    }
    const rules = fc.array(ruleLine, { minLength: 1, maxLength: 6 }).map(named)
    const shuffled = rules.chain((lines) =>
      fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
    )
    const calls = fc.constantFrom(tool('read_a', '{"n":3}'), tool('write_b', '{"n":9}'), tool('x_a', '{}'))
    await fc.assert(
      fc.asyncProperty(shuffled, calls, async ([one, other], call) => {
        expect(await decideUnder(other, call)).toEqual(await decideUnder(one, call))
      }),
      { numRuns: 200 },
    )
  })
})
