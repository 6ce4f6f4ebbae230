import { describe, expect, it } from 'vitest'
import { connect } from './connect.ts'
import { type Workspace, workspace } from './workspace.ts'

const READING = { allow: { tool: ['read_*', 'list_*'] } }
const WRITING = { allow: { tool: 'write_file' } }
const NO_NOTES = {
  name: 'frozen',
  deny: { tool: 'write_*' },
  when: 'args.path.endsWith(".txt")',
  reason: 'the quarter is closed',
}

async function write(space: Workspace, name: string) {
  await using files = await connect('files', space)
  return await files.callTool({ name: 'write_file', arguments: { path: space.path(name), content: 'x' } })
}

describe('server-filesystem, as a stock user runs it', () => {
  it.each([
    { given: 'rules that allow reading', rules: [READING], written: false },
    { given: 'rules that allow writing too', rules: [READING, WRITING], written: true },
    {
      given: 'a deny beside the allow',
      rules: [READING, WRITING, NO_NOTES],
      written: false,
    },
    {
      given: 'an ask beside the allow, and nobody to ask',
      rules: [WRITING, { ask: { tool: 'write_*' } }],
      written: false,
    },
  ])('given $given, write_file leaves a file behind: $written', async ({ rules, written }) => {
    await using space = await workspace({ rules })
    const result = await write(space, 'note.txt')
    expect(await space.has('note.txt')).toBe(written)
    expect(result.isError ?? false).toBe(!written)
  })

  it('given a condition on the path, writes where it holds and nowhere else', async () => {
    const when = 'args.path.endsWith("/public.txt")'
    await using space = await workspace({ rules: [{ allow: { tool: 'write_file' }, when }] })
    const results = [await write(space, 'public.txt'), await write(space, 'private.txt')]
    expect(results.map(({ isError }) => isError ?? false)).toEqual([false, true])
    expect([await space.has('public.txt'), await space.has('private.txt')]).toEqual([true, false])
  })

  it('given rules that allow reading, the tools that change something are not listed', async () => {
    await using space = await workspace({ rules: [READING] })
    await using files = await connect('files', space)
    const { tools } = await files.client.listTools()
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      'list_allowed_directories',
      'list_directory',
      'list_directory_with_sizes',
      'read_file',
      'read_media_file',
      'read_multiple_files',
      'read_text_file',
    ])
  })

  it('given a denial, the model is told what was refused, why, and what a person can do', async () => {
    await using space = await workspace({ rules: [READING, WRITING, NO_NOTES] })
    const result = await write(space, 'note.txt')
    const said = JSON.stringify(result.content)
    expect(said).toContain('write_file')
    expect(said).toContain('rules.frozen')
    expect(said).toContain('the quarter is closed')
    expect(said).not.toContain('read_file') // what else exists is nobody's business
    expect(result._meta?.['hoopctl/decision']).toEqual({
      effect: 'deny',
      rules: ['rules.frozen'],
      session: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      approval: null,
      help: expect.stringContaining(space.policyFile),
    })
  })
})
