import { describe, expect, it } from 'vitest'
import type { Listed } from '../../src/decision.ts'
import { couldEverAllow, isListed } from '../../src/policy/listing.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { circumstances, policyOf } from './a-policy.ts'

const T: Listed = { kind: 'tool', name: 't', annotations: null }
const WRITER = {
  title: '',
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
}

async function shows(rules: string, entry: Listed): Promise<boolean> {
  return isListed(entry, rulesInForce(await policyOf(`rules:\n${rules}`), null), circumstances())
}

describe('isListed', () => {
  it.each([
    { given: 'an allow', rules: '  - allow: { tool: t }\n', shown: true },
    { given: 'an ask', rules: '  - ask: { tool: "*" }\n', shown: true },
    { given: 'nothing that covers it', rules: '  - allow: { tool: u }\n', shown: false },
    {
      given: 'an unconditional deny',
      rules: '  - allow: { tool: "*" }\n  - deny: { tool: t }\n',
      shown: false,
    },
    {
      given: 'a deny that depends on arguments',
      rules: '  - allow: { tool: t }\n  - deny: { tool: t }\n    when: args.x == 1\n',
      shown: true,
    },
    {
      given: 'an allow that depends on arguments',
      rules: '  - allow: { tool: t }\n    when: args.x == 1\n',
      shown: true,
    },
    {
      given: 'an allow that does not hold now',
      rules: '  - allow: { tool: t }\n    when: client.name == "cursor"\n',
      shown: false,
    },
    {
      given: 'an allow that cannot hold for this client',
      rules: '  - allow: { tool: t }\n    when: client.name == "cursor" && args.x == 1\n',
      shown: false,
    },
    {
      given: 'a deny that holds now',
      rules: '  - allow: { tool: "*" }\n  - deny: { tool: t }\n    when: client.name == "claude-code"\n',
      shown: false,
    },
    {
      given: 'a deny that fails now',
      rules: '  - allow: { tool: "*" }\n  - deny: { tool: t }\n    when: subject.email == "a"\n',
      shown: false,
    },
    {
      given: 'an allow that fails now',
      rules: '  - allow: { tool: t }\n    when: subject.email == "a"\n',
      shown: false,
    },
    {
      given: 'a deny on annotations nobody knows',
      rules: '  - allow: { tool: t }\n  - deny: { tool: t }\n    when: tool.annotations.destructiveHint\n',
      shown: true,
    },
  ])('given $given, shows the tool: $shown', async ({ rules, shown }) => {
    expect(await shows(rules, T)).toBe(shown)
  })

  it('given a deny on annotations, hides the tool that has them', async () => {
    const rules =
      '  - allow: { tool: t }\n  - deny: { tool: t }\n    when: tool.annotations.destructiveHint\n'
    expect(await shows(rules, { ...T, annotations: WRITER })).toBe(false)
    expect(await shows(rules, { ...T, annotations: { ...WRITER, destructiveHint: false } })).toBe(true)
  })

  it.each([
    { rules: '  - allow: { resource: "file:///srv/**" }\n', uri: 'file:///srv/a', shown: true },
    { rules: '  - allow: { resource: "file:///srv/**" }\n', uri: 'file:///srv/../a', shown: false },
    { rules: '  - allow: { resource: "file:///srv/**" }\n', uri: 'file:///etc/a', shown: false },
  ])('given $rules, shows $uri: $shown', async ({ rules, uri, shown }) => {
    expect(await shows(rules, { kind: 'resource', uri })).toBe(shown)
  })

  const docs = '  - allow: { resource: "file:///srv/docs/**" }\n'
  it.each([
    { rules: docs, uriTemplate: 'file:///{path}', shown: true },
    { rules: docs, uriTemplate: 'file:///srv/docs/a/{x}', shown: true },
    { rules: docs, uriTemplate: 'file:///etc/{x}', shown: false },
    { rules: docs, uriTemplate: 'file:///srv/docs/fixed', shown: true },
    {
      rules: `${docs}  - deny: { resource: "file:///srv/docs/a/**" }\n`,
      uriTemplate: 'file:///srv/docs/a/{x}',
      shown: false,
    },
    {
      rules: `${docs}  - deny: { resource: "file:///srv/docs/a/**" }\n`,
      uriTemplate: 'file:///srv/docs/{x}',
      shown: true,
    },
    {
      rules: `${docs}  - deny: { resource: "file:///srv/docs/a/*" }\n`,
      uriTemplate: 'file:///srv/docs/a/{x}',
      shown: false,
    },
    {
      rules: `${docs}  - deny: { resource: "file:///srv/docs/a/*" }\n    when: resource.uri.endsWith(".md")\n`,
      uriTemplate: 'file:///srv/docs/a/{x}',
      shown: true,
    },
    {
      rules: '  - allow: { resource: "*" }\n    when: resource.uri.endsWith(".md")\n',
      uriTemplate: 'x://{y}',
      shown: true,
    },
  ])('given $rules, shows the template $uriTemplate: $shown', async ({ rules, uriTemplate, shown }) => {
    expect(await shows(rules, { kind: 'resourceTemplate', uriTemplate })).toBe(shown)
  })
})

describe('couldEverAllow', () => {
  it.each([
    { given: 'an allow', rules: '  - allow: { prompt: p }\n', could: true },
    {
      given: 'a conditional ask',
      rules: '  - ask: { prompt: p }\n    when: client.name == "cursor"\n',
      could: true,
    },
    { given: 'rules on tools only', rules: '  - allow: { tool: p }\n', could: false },
    { given: 'a deny only', rules: '  - allow: { tool: p }\n  - deny: { prompt: p }\n', could: false },
    {
      given: 'a deny with a condition',
      rules: '  - allow: { prompt: p }\n  - deny: { prompt: "*" }\n    when: args.x == 1\n',
      could: true,
    },
  ])('given $given, says $could of prompts', async ({ rules, could }) => {
    expect(couldEverAllow('prompt', rulesInForce(await policyOf(`rules:\n${rules}`), null))).toBe(could)
  })
})
