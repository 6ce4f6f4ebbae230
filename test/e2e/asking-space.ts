import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { Connected } from './connect.ts'
import { fixture, NODE, packageFile } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

/** Makes a workspace whose policy asks about each write, and allows what only reads. */
export function asking(
  approval: object = {},
  policy: Readonly<Record<string, unknown>> = {},
): Promise<Workspace> {
  const ask = { ask: { tool: 'write_*' }, name: 'writes-ask', reason: 'what is written stays', approval }
  return workspace({
    rules: [ask, { allow: { tool: 'list_*' } }],
    servers: (directory) => ({
      files: {
        run: {
          command: NODE,
          args: [packageFile('@modelcontextprotocol/server-filesystem', 'dist/index.js'), directory],
        },
      },
      notes: { run: { command: NODE, args: [fixture('modern-server.mjs'), directory] } },
    }),
    policy,
  })
}

/** A call that the policy of `asking` asks about. */
export const write = (space: Workspace, name = 'note.txt', content = 'x') => ({
  name: 'write_file',
  arguments: { path: space.path(name), content },
})

/** Returns what the model is given of a result. */
export function told(result: unknown): { readonly isError: boolean; readonly text: string } {
  const { isError = false, content } = result as CallToolResult // by an SDK's client, which has checked it
  return {
    isError,
    text: content.map((block) => (block.type === 'text' ? block.text : block.type)).join('\n'),
  }
}

/** Makes the call, and returns what the model is given. */
export const call = async ({ client }: Connected, space: Workspace, name?: string, content?: string) =>
  told(await client.callTool(write(space, name, content)))
