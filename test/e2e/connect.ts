import { Client, type ClientOptions } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { Inbox, lineSplitter } from './inbox.ts'
import type { Program, Workspace } from './workspace.ts'

/** One message as the client's transport saw it. */
export interface Wired {
  readonly from: 'client' | 'server'
  readonly message: JSONRPCMessage
}

/** The first SDK's client, connected. */
export interface Connected extends AsyncDisposable {
  readonly client: Client
  readonly callTool: Client['callTool']
  readonly wire: Inbox<Wired>
  readonly stderr: Inbox<string>
}

export interface ConnectOptions extends ClientOptions {
  /** Prepares the client (its handlers) before it connects. */
  readonly prepare?: (client: Client) => void
  readonly clientInfo?: { readonly name: string; readonly version: string }
}

/** Connects the SDK's client (v1, protocol up to 2025-11-25) to a server of the policy, through `hoopctl wrap`. */
export function connect(name: string, space: Workspace, options: ConnectOptions = {}): Promise<Connected> {
  return connectTo(space.wrap(name), space, options)
}

/** Connects the SDK's client (v1) to any program that speaks the protocol on its stdio. */
export async function connectTo(
  { command, args }: Program,
  space: Workspace,
  { prepare, clientInfo = { name: 'e2e', version: '1.0.0' }, ...options }: ConnectOptions = {},
): Promise<Connected> {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...space.env },
    cwd: space.root,
    stderr: 'pipe',
  })
  const stderr = new Inbox<string>('stderr')
  transport.stderr?.on('data', lineSplitter(stderr))
  const client = new Client(clientInfo, options)
  prepare?.(client)
  const wire = tap(transport)
  await client.connect(transport)
  return {
    client,
    callTool: client.callTool.bind(client),
    wire,
    stderr,
    [Symbol.asyncDispose]: () => client.close(),
  }
}

// The SDK calls what stood in `onmessage` before it connected first.
function tap(transport: StdioClientTransport): Inbox<Wired> {
  const wire = new Inbox<Wired>('the wire')
  const send = transport.send.bind(transport)
  transport.send = (message) => {
    wire.push({ from: 'client', message })
    return send(message)
  }
  transport.onmessage = (message) => wire.push({ from: 'server', message })
  return wire
}
