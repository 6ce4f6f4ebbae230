import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Server } from '../../src/policy/policy.ts'

const NOW = new Date('2026-11-21T09:30:00Z')

describe('the servers of a policy of many rules, before those are read', () => {
  const top = 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: try }\n'
  const server = (name: string) => `servers: { ${name}: { run: { command: srv } } }\n`
  const rules = `rules:\n${'- allow: { tool: read_file }\n'.repeat(20)}`
  const load = async (text: string) => {
    const told: string[][] = []
    const early = (servers: ReadonlyMap<string, Server>): void => void told.push([...servers.keys()])
    return { told, ...(await parsePolicy(Buffer.from(text), 'many.yaml', { now: NOW, early })) }
  }

  it.each([
    { given: 'before the rules', text: top + server('s') + rules },
    { given: 'behind the rules', text: top + rules + server('s') },
    { given: 'between rules and grants', text: `${top}${rules}${server('s')}grants: []\n` },
    { given: 'with an anchor in the rules', text: `${top}${rules}- allow: { tool: &t x }\n${server('s')}` },
  ])('given they stand $given, are told once', async ({ text }) => {
    const { told, policy } = await load(text)
    expect(told).toEqual([['s']])
    expect(policy).toMatchObject({ servers: new Map([['s', expect.objectContaining({ name: 's' })]]) })
  })

  it('given a rule that cannot be read, are told, and the policy is refused', async () => {
    const { told, policy, problems } = await load(`${top}${server('s')}${rules}- allow: { tool: \n`)
    expect([told, policy]).toEqual([[['s']], null])
    expect(problems.map(({ line, column }) => [line, column])).toEqual([[26, 17]])
  })

  it('given a text in quotes that looks like other servers, are told of those, and then of what all of it says', async () => {
    const lie = `${server('other').trimEnd()} } # " } ], ${server('s').trimEnd()} }\n`
    const head = top.trimEnd().replaceAll('\n', ',\n')
    const text = `{ ${head},\nrules: [ { allow: { tool: x }, reason: "${'\n  much is to be said'.repeat(20)}\n${lie}`
    const { told, policy } = await load(text)
    expect(told).toEqual([['other'], ['s']])
    expect(policy).toMatchObject({ servers: new Map([['s', expect.objectContaining({ name: 's' })]]) })
  })

  it('given that whoever is told fails, are told of again once all of it was read', async () => {
    const told: string[] = []
    const early = (servers: ReadonlyMap<string, Server>): void => {
      told.push(...servers.keys())
      if (told.length === 1) throw new Error('E2BIG')
    }
    const { policy } = await parsePolicy(Buffer.from(top + server('s') + rules), 'many.yaml', { early })
    expect(policy).toMatchObject({ name: 'try' })
    expect(told).toEqual(['s', 's'])
  })

  it('given a policy that has expired, are not told', async () => {
    const expired = top.replace('try', 'try, expires: 2026-01-01T00:00:00Z')
    expect((await load(expired + server('s') + rules)).told).toEqual([])
  })
})
