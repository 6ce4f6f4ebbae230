import { toJsonSchema } from '@valibot/to-json-schema'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { PolicyFile } from '../../src/policy/schema.ts'

const FILE = new URL('../../schema/policy.schema.json', import.meta.url)

/** What the policy's own checks say, and a shape alone does not: exactly one effect, exactly one kind of matcher. */
const EXACTLY_ONE = [
  ['allow', 'ask', 'deny'],
  ['tool', 'verb', 'resource', 'prompt', 'serverRequest'],
]

function withChoices(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withChoices)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withChoices(value)]))
  const properties =
    'properties' in schema && typeof schema.properties === 'object' ? (schema.properties ?? {}) : {}
  const choice = EXACTLY_ONE.find((keys) => keys.every((key) => key in properties))
  return choice === undefined ? copy : { ...copy, oneOf: choice.map((key) => ({ required: [key] })) }
}

function generated(): string {
  const schema = toJsonSchema(PolicyFile, { errorMode: 'ignore', typeMode: 'input' })
  const titled = {
    ...schema,
    title: 'hoopctl policy',
    description: 'A policy of hoopctl, apiVersion hoopctl/v1.',
  }
  return `${JSON.stringify(withChoices(titled), null, 2)}\n`
}

describe('schema/policy.schema.json', () => {
  it('given the schema in the source, is what it makes (write it anew with `vitest -u`)', async () => {
    await expect(generated()).toMatchFileSnapshot(FILE.pathname)
  })

  const validate = new Ajv({ strict: false }).compile(JSON.parse(generated()))
  const policy = (rule: object): object => ({
    apiVersion: 'hoopctl/v1',
    kind: 'Policy',
    metadata: { name: 'x' },
    rules: [rule],
  })

  it.each([
    { given: 'one effect and one matcher', rule: { allow: { tool: 'x' } }, valid: true },
    { given: 'two effects', rule: { allow: { tool: 'x' }, deny: { tool: 'x' } }, valid: false },
    { given: 'two matchers', rule: { allow: { tool: 'x', prompt: 'x' } }, valid: false },
    { given: 'an unknown key', rule: { allow: { tol: 'x' } }, valid: false },
  ])('given $given, an editor finds it valid: $valid', ({ rule, valid }) => {
    expect(validate(policy(rule))).toBe(valid)
  })

  it.each([
    { given: 'everyone', who: 'everyone', valid: true },
    { given: 'groups and emails', who: { groups: ['a'], emails: ['a@b.example'] }, valid: true },
    { given: 'another word', who: 'nobody', valid: false },
    { given: 'an empty list', who: { groups: [] }, valid: false },
    { given: 'a misspelt key', who: { group: ['a'] }, valid: false },
    { given: 'nothing', who: undefined, valid: false },
  ])('given a grant for $given, an editor finds it valid: $valid', ({ who, valid }) => {
    const grant = { name: 'g', server: 's', who, rules: [{ allow: { tool: 'x' } }] }
    const { who: _, ...without } = grant
    const written = { ...policy({ allow: { tool: 'x' } }), grants: [who === undefined ? without : grant] }
    expect(validate(written)).toBe(valid)
  })

  it('given any key, has a description to show', () => {
    const bare: string[] = []
    const look = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return
      if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
        for (const [key, value] of Object.entries(schema.properties)) {
          if (!('description' in (value as object))) bare.push(`${path}.${key}`)
        }
      }
      for (const [key, value] of Object.entries(schema)) look(value, `${path}.${key}`)
    }
    look(JSON.parse(generated()), '')
    expect(bare).toEqual([])
  })
})
