import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { Inbox, lineSplitter } from './inbox.ts'
import { NODE, ROOT } from './repo.ts'
import type { Program, Workspace } from './workspace.ts'

const CLIENTS = join(ROOT, 'test', 'clients')
// It finds the binary for this platform; npm need not have run the package's install script.
const CLAUDE = join(CLIENTS, 'node_modules', '@anthropic-ai', 'claude-code', 'cli-wrapper.cjs')

/** One thing that the scripted model asks for. */
export interface Step {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  /** The model thinks until this file is there. */
  readonly after?: string
}

/** What the model was given: the names of the MCP tools, and what its calls came back with. */
export interface Seen {
  readonly tools: readonly string[]
  readonly results: readonly { readonly error: boolean; readonly content: unknown }[]
}

/** Runs a stock Claude Code that has this server as `s`, with a model that plays a script; returns what the model saw. */
export async function claude(server: Program, space: Workspace, script: readonly Step[]): Promise<Seen> {
  const home = join(space.root, 'claude')
  await mkdir(home)
  const scriptFile = join(home, 'script.json')
  const configuration = join(home, 'mcp.json')
  await writeFile(scriptFile, JSON.stringify(script))
  await writeFile(configuration, JSON.stringify({ mcpServers: { s: { ...server, env: space.env } } }))
  await using model = await scriptedModel(scriptFile)
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TERM: 'xterm',
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${model.port}`,
    ANTHROPIC_API_KEY: 'sk-none',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ENABLE_TOOL_SEARCH: 'false',
  }
  const allowed = [...new Set(script.map(({ tool }) => tool))].join(',')
  const words = ['-p', 'go', '--mcp-config', configuration, '--strict-mcp-config', '--allowedTools', allowed]
  const options = { cwd: home, env, extendEnv: false, input: '' } as const
  const { stdout } = await execa(NODE, [CLAUDE, ...words, '--model', 'claude-sonnet-4-5'], options)
  return JSON.parse(stdout) as Seen // by scripted-model.mjs, which says nothing else
}

async function scriptedModel(scriptFile: string): Promise<AsyncDisposable & { readonly port: string }> {
  const child = spawn(NODE, [join(CLIENTS, 'scripted-model.mjs'), scriptFile])
  const exited = once(child, 'close')
  const lines = new Inbox<string>('the model')
  child.stdout.on('data', lineSplitter(lines)).on('end', () => lines.close())
  const port = await lines.find(() => true)
  const end = async () => {
    child.kill()
    await exited
  }
  return { port, [Symbol.asyncDispose]: end }
}
