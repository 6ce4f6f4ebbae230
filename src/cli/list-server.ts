import type { Client } from '@modelcontextprotocol/client'
import { HoopctlError } from '../errors.ts'
import { startChild } from '../shim/child.ts'
import type { Command } from '../shim/command.ts'
import { visible } from '../visible.ts'
import { lastLines } from './last-lines.ts'

/** How a server is started to be looked at, and how long each of its answers may take, in milliseconds. */
export interface Launch {
  readonly command: Command
  /** hoopctl's own version, as the server is told it. */
  readonly version: string
  readonly timeoutMs: number
}

/** What a server has, all pages of it, as the SDK's client reads it. */
export type ServerContents = Awaited<ReturnType<typeof listAll>>

/**
 * Starts a server, lists its tools, resources, resource templates and prompts in whichever protocol era it speaks, and
 * ends it with all that it started. Throws SERVER_UNREACHABLE when it does not start or answer; `tell` gets its last
 * lines on stderr then.
 */
export async function listServer(launch: Launch, tell: (text: string) => void): Promise<ServerContents> {
  const newest = await attempt(launch, 'auto')
  if (newest.ok) return newest.contents
  // Some older servers end, or say nothing any more, at a first request that is not `initialize`: a fresh one gets that.
  const last = newest.connected ? newest : await attempt(launch, 'legacy')
  if (last.ok) return last.contents
  const name = visible(launch.command.file ?? '')
  for (const line of last.said) tell(`${name}: ${visible(line)}\n`)
  throw unreachable(launch, last.cause)
}

type Attempt =
  | { readonly ok: true; readonly contents: ServerContents }
  /** `said`: its last lines on stderr. */
  | {
      readonly ok: false
      readonly connected: boolean
      readonly said: readonly string[]
      readonly cause: unknown
    }

async function attempt({ command, version, timeoutMs }: Launch, mode: 'auto' | 'legacy'): Promise<Attempt> {
  const { Client } = await import('@modelcontextprotocol/client')
  const { ServerTransport } = await import('./server-transport.ts')
  const child = startChild(command)
  if (child === null) return { ok: false, connected: false, said: [], cause: command.failure }
  const said = lastLines(child.stderr, 10)
  const transport = new ServerTransport(child)
  const versionNegotiation = { mode, probe: { timeoutMs: timeoutMs / 2 } }
  const client = new Client({ name: 'hoopctl', version }, { versionNegotiation })
  let connected = false
  try {
    await client.connect(transport, { timeout: timeoutMs })
    connected = true
    return { ok: true, contents: await listAll(client, timeoutMs) }
  } catch (cause) {
    await transport.close() // for its last lines
    return { ok: false, connected, said: said(), cause }
  } finally {
    await transport.close()
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

// Says the command's name only: arguments may hold secrets, and errors end up in tickets.
function unreachable({ command }: Launch, cause: unknown): HoopctlError {
  const why = cause instanceof Error ? cause.message.toLowerCase() : String(cause)
  const message = command.file === null ? why : `\`${command.file}\` does not answer: ${why}`
  const hint = 'run that command by itself to see what it says'
  return new HoopctlError('SERVER_UNREACHABLE', message, { hint, cause })
}
