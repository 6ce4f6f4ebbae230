import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { NODE, packageFile } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const INSPECTOR = packageFile('@modelcontextprotocol/inspector', 'clients/launcher/build/index.js')

async function inspect(space: Workspace, ...words: string[]): Promise<unknown> {
  const { command, args } = space.wrap('files')
  const home = ['-e', `HOOPCTL_HOME=${space.home}`]
  const { stdout } = await execa(NODE, [INSPECTOR, '--cli', command, ...args, ...home, ...words], {
    cwd: space.root,
    env: space.env,
    extendEnv: false,
  })
  return JSON.parse(stdout)
}

describe('the MCP Inspector, on the command line', () => {
  it('given a server behind hoopctl, lists what could be allowed and calls it', async () => {
    await using space = await workspace({ rules: [{ allow: { tool: ['list_directory', 'write_file'] } }] })
    const listed = await inspect(space, '--method', 'tools/list')
    expect(listed).toMatchObject({ tools: [{ name: 'write_file' }, { name: 'list_directory' }] })
    const path = `path=${space.path('note.txt')}`
    const words = ['--method', 'tools/call', '--tool-name', 'write_file', '--tool-arg', path, 'content=x']
    expect(await inspect(space, ...words)).not.toMatchObject({ isError: true })
    expect(await space.has('note.txt')).toBe(true)
  })

  it('given a call that no rule allows, is told so', async () => {
    await using space = await workspace({ rules: [{ allow: { tool: 'list_directory' } }] })
    const path = `path=${space.path('sub')}`
    const words = ['--method', 'tools/call', '--tool-name', 'create_directory', '--tool-arg', path]
    const failed = await inspect(space, ...words).catch((error: unknown) => String(error))
    expect(JSON.stringify(failed)).toMatch(/create_directory/)
    expect(await space.has('sub')).toBe(false)
  })
})
