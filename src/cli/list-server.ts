import { createRequire } from 'node:module'
import type { Client } from '@modelcontextprotocol/client'
import type { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'
import { lastLines } from './last-lines.ts'

/** How a server is started to be looked at, and how long it may take to answer, in milliseconds. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly version: string
  readonly timeoutMs: number
}

/** What a server has, all pages of it, as the SDK's client reads it. */
export type ServerContents = Awaited<ReturnType<typeof listAll>>

/**
 * Starts a server, lists its tools, resources, resource templates and prompts in whichever protocol era it speaks, and
 * ends it. Throws SERVER_UNREACHABLE when it does not start or answer; `tell` gets its last lines on stderr then.
 */
export async function listServer(launch: Launch, tell: (text: string) => void): Promise<ServerContents> {
  // The SDK brings a CommonJS package (cross-spawn), and a bundle of ES modules has no `require` for it to load Node's own.
  Reflect.set(globalThis, 'require', createRequire(import.meta.url))
  const { Client } = await import('@modelcontextprotocol/client')
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
  const { command, args, env, version, timeoutMs } = launch
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...env },
    stderr: 'pipe',
  })
  const said = lastLines(transport.stderr, 10)
  const client = new Client(
    { name: 'hoopctl', version },
    { versionNegotiation: { mode: 'auto', probe: { timeoutMs } } },
  )
  try {
    await client.connect(transport, { timeout: timeoutMs })
    return await listAll(client, timeoutMs)
  } catch (cause) {
    for (const line of said()) tell(`${visible(command)}: ${visible(line)}\n`)
    throw unreachable(launch, cause)
  } finally {
    await end(client, transport)
  }
}

async function listAll(client: Client, timeout: number) {
  const has = client.getServerCapabilities() ?? {}
  const options = { timeout }
  const listsResources = has.resources !== undefined
  return {
    server: client.getServerVersion() ?? null,
    tools: has.tools === undefined ? [] : (await client.listTools(undefined, options)).tools,
    resources: listsResources ? (await client.listResources(undefined, options)).resources : [],
    resourceTemplates: listsResources ? await templates(client, options) : [],
    prompts: has.prompts === undefined ? [] : (await client.listPrompts(undefined, options)).prompts,
  }
}

// There is no capability for templates: a server with resources may well not know the method.
async function templates(client: Client, options: { readonly timeout: number }) {
  const METHOD_NOT_FOUND = -32601
  try {
    return (await client.listResourceTemplates(undefined, options)).resourceTemplates
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === METHOD_NOT_FOUND) return []
    throw failure
  }
}

// Closing the client closes the transport that it got as far as using; where connecting failed, nobody else does.
async function end(client: Client, transport: StdioClientTransport): Promise<void> {
  await client.close()
  await transport.close()
}

// Says the command's name only: arguments may hold secrets, and errors end up in tickets.
function unreachable({ command }: Launch, cause: unknown): HoopctlError {
  const why = cause instanceof Error ? cause.message.toLowerCase() : String(cause)
  const hint = 'run that command by itself to see what it says'
  return new HoopctlError('SERVER_UNREACHABLE', `\`${command}\` does not answer: ${why}`, { hint, cause })
}
