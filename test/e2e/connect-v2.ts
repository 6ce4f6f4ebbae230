import { Client, type ClientOptions } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Inbox, lineSplitter } from './inbox.ts'
import type { Program, Workspace } from './workspace.ts'

/** The protocol that the second SDK's client is told to speak: 2025-11-25, 2026-07-28, or what it finds out. */
export type Era = 'legacy' | 'modern' | 'auto'

/** The second SDK's client, connected. */
export interface ConnectedV2 extends AsyncDisposable {
  readonly client: Client
  readonly callTool: Client['callTool']
  readonly stderr: Inbox<string>
}

export interface ConnectV2Options extends ClientOptions {
  readonly prepare?: (client: Client) => void
}

const MODES = { legacy: 'legacy', modern: { pin: '2026-07-28' }, auto: 'auto' } as const

/** Connects the second SDK's client to a server of the policy, through `hoopctl wrap`. */
export function connectV2(
  name: string,
  space: Workspace,
  era: Era,
  options: ConnectV2Options = {},
): Promise<ConnectedV2> {
  return connectV2To(space.wrap(name), space, era, options)
}

/** Connects the second SDK's client to any program that speaks the protocol on its stdio. */
export async function connectV2To(
  { command, args }: Program,
  space: Workspace,
  era: Era,
  { prepare, ...options }: ConnectV2Options = {},
): Promise<ConnectedV2> {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...space.env },
    cwd: space.root,
    stderr: 'pipe',
  })
  const stderr = new Inbox<string>('stderr')
  transport.stderr?.on('data', lineSplitter(stderr))
  const mode = MODES[era]
  const client = new Client({ name: 'e2e', version: '2.0.0' }, { ...options, versionNegotiation: { mode } })
  prepare?.(client)
  await client.connect(transport)
  return {
    client,
    callTool: client.callTool.bind(client),
    stderr,
    [Symbol.asyncDispose]: () => client.close(),
  }
}
