import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { fixture, NODE } from './repo.ts'
import { type ServerEntry, workspace } from './workspace.ts'

const CASES: { given: string; run: (directory: string) => ServerEntry; says: RegExp }[] = [
  {
    given: 'a command that is not there',
    run: (directory) => ({ command: `${directory}/nowhere` }),
    says: /nowhere/,
  },
  {
    given: 'a name that is in none of the directories',
    run: (directory) => ({ command: 'nowhere', path: [directory] }),
    says: /nowhere/,
  },
  {
    given: 'a file that is not executable',
    run: (directory) => ({ command: `${directory}/plain` }),
    says: /plain/,
  },
  {
    given: 'a directory that is not there',
    run: (directory) => ({ command: NODE, args: ['-e', '0'], cwd: `${directory}/nowhere` }),
    says: /nowhere/,
  },
]

describe.each(CASES)('given $given', ({ run, says }) => {
  it('answers the first request with the reason, denies with it, and ends with 8', async () => {
    await using space = await workspace({
      servers: (directory) => ({ broken: { run: run(directory) } }),
      rules: [{ allow: { tool: '*' } }],
    })
    await writeFile(space.path('plain'), 'no program', { mode: 0o644 })
    await using client = rawClient(space.wrap('broken'), space)
    const first = JSON.stringify(await client.initialize())
    expect(first).toMatch(says)
    expect(first).toContain('`broken`') // the server's name, as the person knows it
    const call = await client.request('tools/call', { name: 'echo', arguments: {} })
    expect(JSON.stringify(call)).toMatch(says)
    expect(await client.end()).toEqual({ code: 8, signal: null })
    expect(client.stderr.all.filter((line) => line.startsWith('hoopctl: ')).join('\n')).toMatch(says)
  })
})

describe('given a program that exits at once', () => {
  it('answers the first request with that, and ends with its code', async () => {
    const run = { command: NODE, args: ['-e', 'console.error("no licence"); process.exit(9)'] }
    await using space = await workspace({ servers: () => ({ broken: { run } }) })
    await using client = rawClient(space.wrap('broken'), space)
    expect((await client.initialize()).error?.message).toMatch(/`broken` ended \(exit code 9\)/)
    expect(await client.exited).toEqual({ code: 9, signal: null })
    expect(client.stderr.all).toContain('[broken] no licence')
  })
})

describe('what only an edit mends', () => {
  it.each([
    { given: 'a server that the policy does not name', words: ['nobody'], code: 2, says: /`nobody`/ },
    { given: 'a flag that is not there', words: ['--nothing', 'files'], code: 2, says: /--nothing/ },
    {
      given: 'a policy file that is not there',
      words: ['--policy', '/nowhere.yaml', 'files'],
      code: 3,
      says: /nowhere/,
    },
  ])('given $given, ends at once with $code and says so', async ({ words, code, says }) => {
    await using space = await workspace({})
    await using client = rawClient(space.wrap(...words), space)
    expect(await client.exited).toEqual({ code, signal: null })
    expect(client.stderr.all.join('\n')).toMatch(says)
    expect(client.lines.all).toEqual([])
  })

  it('given a policy that is not valid, ends at once with 3 and names the place', async () => {
    await using space = await workspace({ rules: [{ allow: { tool: '*' }, when: 'nosuch == 1' }] })
    await using client = rawClient(space.wrap('files'), space)
    expect(await client.exited).toEqual({ code: 3, signal: null })
    expect(client.stderr.all.join('\n')).toMatch(/policy\.yaml:\d+:\d+.*`nosuch`/s)
  })
})

describe('a server that is pinned by its digest', () => {
  const script = `#!/bin/sh\nexec ${NODE} ${fixture('raw-server.mjs')} "$1"\n`
  const digest = createHash('sha256').update(script).digest('hex')

  async function pinned(sha256: string) {
    const run = (directory: string) => ({ command: `${directory}/server`, args: [directory], sha256 })
    const space = await workspace({ servers: (directory) => ({ pinned: { run: run(directory) } }) })
    await writeFile(space.path('server'), script, { mode: 0o755 })
    return space
  }

  it('given the file that was pinned, runs it', async () => {
    await using space = await pinned(digest)
    await using client = rawClient(space.wrap('pinned'), space)
    expect(await client.initialize()).toMatchObject({ result: { serverInfo: { name: 'raw' } } })
  })

  it('given another file, ends at once with 7 and runs nothing', async () => {
    await using space = await pinned(digest.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))
    await using client = rawClient(space.wrap('pinned'), space)
    expect(await client.exited).toEqual({ code: 7, signal: null })
    expect(client.stderr.all.join('\n')).toMatch(/digest/)
    expect(await space.has('received')).toBe(false)
  })
})
