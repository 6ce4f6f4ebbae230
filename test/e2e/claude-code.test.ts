import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { claude } from './claude.ts'
import { fixture, NODE, ROOT } from './repo.ts'
import { workspace } from './workspace.ts'

const RULES = [
  { allow: { tool: 'write_note' }, when: 'args.name == "allowed.txt"' },
  {
    deny: { tool: 'write_note' },
    when: 'args.name == "other.txt"',
    name: 'frozen',
    reason: 'the quarter is closed',
  },
]
const SCRIPT = [
  { tool: 'mcp__s__write_note', input: { name: 'allowed.txt', content: 'x' } },
  { tool: 'mcp__s__write_note', input: { name: 'other.txt', content: 'x' } },
]

beforeAll(async () => {
  const install = join(ROOT, 'scripts', 'install-folder.mjs')
  await execa(NODE, [install, join(ROOT, 'test', 'clients')], { stdio: 'inherit' }) // where it is not there yet
}, 600_000)

describe('a stock Claude Code', () => {
  it('given an allowed call and a denied one, the model gets an answer and a reason', async () => {
    const run = (directory: string) => ({ command: NODE, args: [fixture('legacy-server.mjs'), directory] })
    await using space = await workspace({
      rules: RULES,
      servers: (directory) => ({ notes: { run: run(directory) } }),
    })
    const { tools, results } = await claude(space.wrap('notes'), space, SCRIPT)
    expect(tools).toEqual(['mcp__s__write_note'])
    expect(results.map(({ error }) => error)).toEqual([false, true])
    expect(JSON.stringify(results[0])).toContain('wrote allowed.txt')
    expect(JSON.stringify(results[1])).toContain('rules.frozen')
    expect(JSON.stringify(results[1])).toContain('the quarter is closed')
    expect([await space.has('allowed.txt'), await space.has('other.txt')]).toEqual([true, false])
  })
})
