import { describe, expect, it } from 'vitest'
import { explain } from '../../src/policy/explain.ts'
import { circumstances, policyOf } from './a-policy.ts'

const POLICY = `servers: { db: {} }
grants:
  - { name: g, server: db, who: everyone, rules: [{ allow: { tool: granted } }] }
rules:
  - allow: { tool: t }
    when: args.id == 9007199254740993
  - ask: { resource: "file:///srv/**" }
  - allow: { prompt: p }
  - allow: { serverRequest: [roots, elicitation.url] }
`

async function explained(
  text: string,
  server: string | null = null,
  grants?: readonly string[],
): Promise<unknown> {
  const result = explain(text, await policyOf(POLICY), circumstances({ server }), grants)
  return result.ok ? result.explanation : result.why
}

describe('explain', () => {
  it('given a short call, keeps its numbers exact', async () => {
    expect(await explained('{"name":"t","arguments":{"id":9007199254740993}}')).toEqual({
      effect: 'allow',
      rules: ['rules[0]'],
      grants: [],
      facts: {},
      why: 'all allow',
    })
    expect(await explained('{"name":"t","arguments":{"id":9007199254740992}}')).toMatchObject({
      effect: 'deny',
      rules: [],
    })
  })

  it.each([
    ['tools/call', '{"name":"t","arguments":{"id":9007199254740993}}', 'allow'],
    ['resources/read', '{"uri":"file:///srv/a"}', 'ask'],
    ['resources/subscribe', '{"uri":"file:///srv/a"}', 'ask'],
    ['resources/unsubscribe', '{"uri":"file:///etc/a"}', 'deny'],
    ['prompts/get', '{"name":"p"}', 'allow'],
    ['sampling/createMessage', '{}', 'deny'],
    ['elicitation/create', '{"mode":"form"}', 'deny'],
    ['elicitation/create', '{"mode":"url"}', 'allow'],
    ['elicitation/create', '{}', 'deny'],
    ['roots/list', '{}', 'allow'],
    ['ping', '{}', 'deny'],
  ])('given a request %s with %s, says %s', async (method, params, effect) => {
    const text = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`
    expect(await explained(text)).toMatchObject({ effect })
  })

  it('given rules that led to the answer, says which they are, also those of grants', async () => {
    const policy = await policyOf(POLICY)
    const ledBy = (text: string) => {
      const result = explain(text, policy, circumstances({ server: 'db' }))
      return result.ok ? result.ledBy.map(({ ref, line }) => ({ ref, line })) : result.why
    }
    expect(ledBy('{"name":"granted"}')).toEqual([{ ref: 'grants.g.rules[0]', line: 6 }])
    expect(ledBy('{"name":"t","arguments":{"id":9007199254740993}}')).toEqual([{ ref: 'rules[0]', line: 8 }])
    expect(ledBy('{"name":"other"}')).toEqual([])
  })

  it('given a grant, counts it as active unless others are named', async () => {
    const call = '{"name":"granted"}'
    expect(await explained(call, 'db')).toMatchObject({
      effect: 'allow',
      rules: ['grants.g.rules[0]'],
      grants: ['g'],
    })
    expect(await explained(call, 'db', [])).toMatchObject({ effect: 'deny', rules: [], grants: [] })
    expect(await explained(call)).toMatchObject({ effect: 'deny', grants: [] })
  })

  const GRANTS = `identity: { issuer: "https://login.acme.example", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }
servers: { db: {} }
grants:
  - { name: mine, server: db, who: { groups: [dev] }, rules: [{ allow: { tool: a } }] }
  - { name: theirs, server: db, who: { groups: [ops] }, rules: [{ allow: { tool: b } }] }
  - { name: later, server: db, who: everyone, activate: { mode: approval, proof: oidc }, rules: [{ allow: { tool: c } }] }
  - name: by-client
    server: db
    who: everyone
    when: client.name != "cursor"
    rules: [{ allow: { tool: d } }]
  - name: by-night
    server: db
    who: everyone
    when: now.getHours("Europe/Berlin") > 22
    rules: [{ allow: { tool: e } }]
rules:
  - deny: { tool: f }
`

  it.each([
    { name: 'a', effect: 'allow', why: 'all allow' },
    {
      name: 'b',
      effect: 'deny',
      why: 'no rule in force covers the tool `b`; the grant `theirs` covers it, and does not count: it is for the group `ops`',
    },
    {
      name: 'c',
      effect: 'allow',
      why: 'all allow',
    },
    { name: 'd', effect: 'allow', why: 'all allow' },
    {
      name: 'e',
      effect: 'deny',
      why: 'no rule in force covers the tool `e`; the grant `by-night` covers it, and does not count: its condition does not hold now: now.getHours("Europe/Berlin") > 22',
    },
    { name: 'f', effect: 'deny', why: 'one denies' },
    { name: 'g', effect: 'deny', why: 'no rule in force covers the tool `g`' },
  ])(
    'given $name and nobody in particular asking, counts what the subject may activate',
    async ({ name, effect, why }) => {
      const under = circumstances({ server: 'db', client: null })
      const result = explain(`{"name":"${name}"}`, await policyOf(GRANTS), under)
      expect(result.ok && [result.explanation.effect, result.explanation.why]).toEqual([effect, why])
      expect(result.ok && result.explanation.grants).toEqual(['mine', 'later', 'by-client'])
    },
  )

  it('given a name of a grant that is not theirs, does not count it', async () => {
    const under = circumstances({ server: 'db' })
    const result = explain('{"name":"a"}', await policyOf(GRANTS), under, ['theirs', 'by-client'])
    expect(result.ok && result.explanation).toEqual({
      effect: 'deny',
      rules: [],
      grants: ['by-client'],
      facts: {},
      why: 'no rule in force covers the tool `a`; the grant `mine` covers it, and does not count: it was not named',
    })
  })

  it.each([
    ['[]', 'a call is a JSON object'],
    ['{}', 'a call needs the name of a tool: a string `name`'],
    ['{"name":"t","args":{}}', 'a short call has `name` and `arguments`, not `args`'],
    ['{"name":"t","arguments":[]}', '`arguments` must be an object'],
    ['{"method":5}', '`method` must be a string'],
    ['{"method":"resources/read"}', '`params.uri` must be a string'],
  ])('given %s, says that it is no call: %s', async (text, why) => {
    expect(await explained(text)).toBe(why)
  })
})
