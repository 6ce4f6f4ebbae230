import { describe, expect, it } from 'vitest'
import { connectTo } from './connect.ts'
import { NODE, packageFile } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const FILESYSTEM = packageFile('@modelcontextprotocol/server-filesystem', 'dist/index.js')
const RULES = [
  { allow: { tool: ['list_*', 'create_directory'] } },
  { allow: { tool: 'write_file', server: 'files' } },
  { deny: { tool: 'create_directory', server: 'files' } },
]

async function outcome(space: Workspace, ...words: string[]) {
  const program = space.wrap(...words, '--', NODE, FILESYSTEM, space.path())
  await using connected = await connectTo(program, space)
  const write = { path: space.path('note.txt'), content: 'x' }
  await connected.callTool({ name: 'write_file', arguments: write })
  await connected.callTool({ name: 'create_directory', arguments: { path: space.path('sub') } })
  const { tools } = await connected.client.listTools()
  const names = tools.map(({ name }) => name)
  return { listed: [names.includes('write_file'), names.includes('create_directory')] }
}

describe('wrap -- COMMAND', () => {
  it('given no name, only the rules without a server hold', async () => {
    await using space = await workspace({ rules: RULES, servers: () => ({ files: {} }) })
    expect(await outcome(space)).toEqual({ listed: [false, true] })
    expect([await space.has('note.txt'), await space.has('sub')]).toEqual([false, true])
  })

  it('given the name of a server of the policy, its rules hold too', async () => {
    await using space = await workspace({ rules: RULES, servers: () => ({ files: {} }) })
    expect(await outcome(space, '--server', 'files')).toEqual({ listed: [true, false] })
    expect([await space.has('note.txt'), await space.has('sub')]).toEqual([true, false])
  })
})
