import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { NODE } from './repo.ts'
import { type ServerEntry, workspace } from './workspace.ts'

const EXITS = { command: NODE, args: ['-e', 'console.error("no licence"); process.exit(9)'] }

const CASES: { given: string; run: (directory: string) => ServerEntry; says: RegExp; code: number }[] = [
  {
    given: 'a command that is not there',
    run: (directory) => ({ command: `${directory}/nowhere` }),
    says: /nowhere/,
    code: 8,
  },
  {
    given: 'a name that is in none of the directories',
    run: (directory) => ({ command: 'nowhere', path: [directory] }),
    says: /nowhere/,
    code: 8,
  },
  {
    given: 'a file that is not executable',
    run: (directory) => ({ command: `${directory}/plain` }),
    says: /plain/,
    code: 8,
  },
  {
    given: 'a directory that is not there',
    run: (directory) => ({ command: NODE, args: ['-e', '0'], cwd: `${directory}/nowhere` }),
    says: /nowhere/,
    code: 8,
  },
  { given: 'a program that exits at once', run: () => EXITS, says: /9/, code: 9 },
]

describe.each(CASES)('given $given', ({ run, says, code }) => {
  it('answers the first request with the reason', async () => {
    await using space = await workspace({ servers: (directory) => ({ broken: { run: run(directory) } }) })
    await writeFile(space.path('plain'), 'no program', { mode: 0o644 })
    await using client = rawClient(space.wrap('broken'), space)
    const { error } = await client.initialize()
    expect(error?.message).toMatch(says)
    expect(error?.message).toMatch(/broken/) // the server's name, as the person knows it
    expect(await client.end()).toEqual({ code, signal: null })
    expect(client.stderr.all.filter((line) => line.startsWith('hoopctl: ')).join('\n')).toMatch(says)
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
