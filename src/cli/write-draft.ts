import { writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { stateUnwritable } from '../audit/disk-failure.ts'
import { quoted } from '../quoted.ts'
import { codeOf } from '../system-code.ts'
import { ensurePrivateDirectory } from '../audit/private-files.ts'
import { draftPolicy } from '../policy/draft.ts'
import { parsePolicy } from '../policy/load.ts'
import { visible } from '../visible.ts'
import { alreadyThere } from './already-there.ts'
import type { Context } from './context.ts'
import { counted } from './counted.ts'
import { jsonLine } from './json.ts'
import type { ServerContents } from './list-server.ts'

interface DraftRequest {
  /** Where the policy goes: absolute. */
  readonly file: string
  /** The server's name in the policy; null: what it calls itself. */
  readonly name: string | null
  readonly contents: ServerContents
  readonly command: string
  readonly args: readonly string[]
  readonly trustHints: boolean
  readonly json: boolean
}

/** What was written; what `policy init --json` prints. */
interface Draft {
  readonly file: string
  readonly server: string
  readonly tools: number
  readonly resources: number
  readonly resourceTemplates: number
  readonly prompts: number
}

/** Writes a policy for what a server offers (0600, never over a file that is there) and says what to do next. */
export async function writeDraft(request: DraftRequest, context: Context): Promise<void> {
  const { file, contents } = request
  const server = request.name ?? nameOf(request)
  const text = await draftText(request, server)
  await writeNew(file, text, context)
  const sizes = {
    tools: contents.tools.length,
    resources: contents.resources.length,
    resourceTemplates: contents.resourceTemplates.length,
    prompts: contents.prompts.length,
  }
  const draft = { file, server, ...sizes }
  if (request.json) return void context.stdout.write(jsonLine(draft))
  context.stdout.write(summary(draft))
  context.stderr.write(nextSteps(draft, context))
}

async function draftText(
  { contents, command, args, trustHints }: DraftRequest,
  server: string,
): Promise<string> {
  const text = draftPolicy({
    name: server,
    server,
    command,
    args,
    trustHints,
    tools: contents.tools,
    resources: contents.resources.map(({ uri }) => uri),
    resourceTemplates: contents.resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    prompts: contents.prompts.map(({ name }) => name),
  })
  const { problems } = await parsePolicy(Buffer.from(text), 'policy.yaml')
  const [problem] = problems.filter(({ severity }) => severity === 'error')
  if (problem !== undefined) throw new Error(`the draft is no valid policy: ${problem.message}`)
  return text
}

async function writeNew(file: string, text: string, context: Context): Promise<void> {
  const { config } = context.directories()
  if (dirname(file) === config) ensurePrivateDirectory(config)
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? alreadyThere(file) : stateUnwritable(file, cause)
  }
}

// The server's own name for itself, as far as a policy can hold it; else that of its program.
function nameOf({ contents, command }: DraftRequest): string {
  const told = contents.server?.name ?? ''
  const names = [told, basename(command)].map((name) =>
    name
      .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64)
      .replace(/-+$/, ''),
  )
  return names.find((name) => name !== '') ?? 'server'
}

function summary({ file, tools, resources, resourceTemplates, prompts }: Draft): string {
  const offered = [
    counted(tools, 'tool'),
    counted(resources, 'resource'),
    counted(resourceTemplates, 'resource template'),
    counted(prompts, 'prompt'),
  ]
  return `Wrote ${visible(file)}: ${offered.join(', ')}.\n`
}

function nextSteps({ file, server }: Draft, context: Context): string {
  const configured = dirname(file) === context.directories().config
  const [node, launcher] = context.launcher
  const args = [launcher, 'wrap', ...(configured ? [] : ['--policy', file]), server]
  return `
It is a draft that nobody signed: whoever may write the file may change what is allowed.
1. Read it. A call under \`ask\` waits until a person answers it in: hoopctl approve
   Write \`allow\` where nobody needs to be asked.
2. Check it:
     hoopctl policy lint ${visible(quoted(file))}
3. Put this in place of the server's own entry in the client's configuration:
     ${visible(`"${server}": ${JSON.stringify({ command: node, args })}`)}
`
}
