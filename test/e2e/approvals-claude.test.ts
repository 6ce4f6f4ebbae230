import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Approver, approver } from './approver.ts'
import { logsHold } from './asking.ts'
import { claude } from './claude.ts'
import { NODE, ROOT } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

beforeAll(async () => {
  const install = join(ROOT, 'scripts', 'install-folder.mjs')
  await execa(NODE, [install, join(ROOT, 'test', 'clients')], { stdio: 'inherit' }) // where it is not there yet
}, 600_000)

const asking = (approval: object) => workspace({ rules: [{ ask: { tool: 'write_file' }, approval }] })

const write = (space: Workspace) => ({
  tool: 'mcp__s__write_file',
  input: { path: space.path('note.txt'), content: 'x' },
})

/** Waits for a call that is held or queued, approves it, and returns its id. */
async function approved(person: Approver, state: 'held' | 'queued'): Promise<string> {
  await person.shows(`${state}, `)
  const id = /> (A-\w{8})/u.exec(await person.screen())?.[1] ?? ''
  await person.keysCount()
  await person.press('a')
  await person.shows(`Approved ${id}`)
  return id
}

describe('a stock Claude Code', () => {
  it('given a call that is held and approved, waits for it', async () => {
    await using space = await asking({})
    await using person = await approver(space)
    const ran = claude(space.wrap('files'), space, [write(space)])
    await Promise.race([approved(person, 'held'), ran]) // it cannot end before
    const { results } = await ran
    expect(results.map(({ error }) => error)).toEqual([false])
    expect(JSON.stringify(results[0])).toContain('Successfully wrote')
    expect(await space.read('note.txt')).toBe('x')
    await logsHold(space)
  })

  it('given a call that is queued, gets told; the same call passes once after the yes', async () => {
    await using space = await asking({ wait: '1s' })
    await using person = await approver(space)
    const mark = join(space.root, 'approved')
    const again = { ...write(space), after: mark }
    const ran = claude(space.wrap('files'), space, [write(space), again, again])
    const id = await approved(person, 'queued')
    expect(await space.has('note.txt')).toBe(false)
    await writeFile(mark, '')
    const { results } = await ran
    expect(results.map(({ error }) => error)).toEqual([true, false, true])
    expect(JSON.stringify(results[0])).toContain(
      `waiting for approval ${id}: do other work, then repeat the same call`,
    )
    expect(JSON.stringify(results[2])).not.toContain(id)
    expect(await space.read('note.txt')).toBe('x')
    await logsHold(space)
  })
})
