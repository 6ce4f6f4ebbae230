import { describe, expect, it } from 'vitest'
import { schemaFault } from '../../../src/cli/approvals/schema-fault.ts'

const definition = (inputSchema: unknown) => JSON.stringify({ name: 'pay', inputSchema })
const text = (pattern: string) => definition({ properties: { to: { type: 'string', pattern } } })

/** A schema in which each step looks at the next one twice. */
function doubling(depth: number): string {
  const twice = (next: number) => ({ allOf: [{ $ref: `#/$defs/d${next}` }, { $ref: `#/$defs/d${next}` }] })
  const steps = Array.from({ length: depth }, (_, step) => [`d${step}`, twice(step + 1)])
  return definition({ $defs: { ...Object.fromEntries(steps), [`d${depth}`]: {} }, $ref: '#/$defs/d0' })
}

describe('schemaFault', () => {
  it.each([
    ['a schema that takes them', { to: 'ann' }, text('^[a-z]+$'), null],
    [
      'a schema that does not',
      { to: 'ANN' },
      text('^[a-z]+$'),
      'its tool does not take them: String does not match pattern.',
    ],
    ['no definition', {}, null, 'its tool has no schema to check the arguments by'],
    ['a schema that is no object', {}, definition('x'), 'the schema of its tool is no object'],
    ['a pattern that is none', { to: 'ann' }, text('('), 'the schema of its tool cannot be read'],
    [
      'a pattern that never ends',
      { to: `${'a'.repeat(50)}!` },
      text('^(a+)+$'),
      'the schema of its tool takes too long to check',
    ],
    ['steps that double', { to: 'ann' }, doubling(40), 'the schema of its tool takes too long to check'],
  ])('given %s, says so, and this thread goes on meanwhile', async (_given, args, known, fault) => {
    let turns = 0
    const beat = setInterval(() => turns++, 5)
    expect(await schemaFault(args, known)).toBe(fault)
    clearInterval(beat)
    if (known !== null && fault?.includes('too long') === true) expect(turns).toBeGreaterThan(0)
  })
})
