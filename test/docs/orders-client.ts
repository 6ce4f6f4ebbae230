import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { HOOPCTL, NODE } from '../e2e/repo.ts'
import type { Reader } from './reader.ts'

/** Connects a client to the demo's server through `hoopctl wrap`, under the demo's policy. */
export async function connectToOrders({ folder, env }: Reader): Promise<Client> {
  const example = join(folder, 'examples', 'orders-db')
  const wrap = [HOOPCTL, 'wrap', '--policy', join(example, 'policy.yaml'), '--server', 'orders-db', '--']
  return connectEntry({ command: NODE, args: [...wrap, NODE, join(example, 'server.mjs')] }, env)
}

/** Starts what an entry of a client's configuration says, as a client with a window does: in `/`. */
export async function connectEntry(
  entry: { readonly command: string; readonly args: readonly string[] },
  env: Readonly<Record<string, string>>,
): Promise<Client> {
  const client = new Client({ name: 'reader', version: '1.0.0' })
  const { command, args } = entry
  await client.connect(
    new StdioClientTransport({ command, args: [...args], env: { ...env }, cwd: '/', stderr: 'ignore' }),
  )
  return client
}
