import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { quoted } from '../../quoted.ts'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { isThere } from '../directories.ts'
import { examples } from '../examples.ts'
import { alreadyThere } from '../already-there.ts'

interface InitOptions {
  readonly command: readonly string[]
  readonly out?: string
  readonly name?: string
  readonly trustHints: boolean
  readonly yes: boolean
  readonly json: boolean
}

/** Declares `hoopctl policy init`. */
export function policyInitCommand(context: Context, run = policyInit): Command {
  return new Command('init')
    .description('Start a server, look at what it offers, and write a policy for it to read and change.')
    .argument('<COMMAND...>', 'the command that starts the server, after --')
    .option(
      '--out <FILE>',
      'where to write the policy; without it, policy.yaml in the configuration directory',
    )
    .option('--name <NAME>', 'what to call the server in the policy; without it, what it calls itself')
    .option('--trust-hints', 'allow at once what the server calls read-only', false)
    .option('--yes', 'start the server without asking', false)
    .option('--json', 'print what was written as JSON', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl policy init --name docs -- \\\n      npx -y @modelcontextprotocol/server-filesystem /srv/docs',
      ),
    )
    .action((command: string[], options: Omit<InitOptions, 'command'>) =>
      run({ command, ...options }, context),
    )
}

/** Writes a draft of a policy for a server, after asking whether the server may be started. */
export async function policyInit(options: InitOptions, context: Context, timeoutMs = 60_000): Promise<void> {
  const { givenCommand } = await import('../../shim/command.ts')
  const { trustHints, json, name } = options
  checkName(name)
  const file = targetOf(options, context)
  const { env, workingDirectory, version } = context
  const command = givenCommand(options.command, env, workingDirectory)
  if (command.file === null) {
    const hint = 'give the whole path of the command that starts the server'
    throw new HoopctlError('SERVER_UNREACHABLE', command.failure ?? 'there is no such command', { hint })
  }
  await askToStart(options, context)
  const { listServer } = await import('../list-server.ts')
  const { writeDraft } = await import('../write-draft.ts')
  const contents = await listServer({ command, version, timeoutMs }, (text) => context.stderr.write(text))
  const started = { command: command.file, args: command.args }
  await writeDraft({ file, name: name ?? null, contents, ...started, trustHints, json }, context)
}

// Looked at before the server is started: nobody should wait for what cannot be written.
function targetOf({ out }: InitOptions, context: Context): string {
  const { config } = context.directories()
  if (out === undefined) isThere(config) // refused where other users may write there
  const file = out === undefined ? join(config, 'policy.yaml') : resolve(context.workingDirectory, out)
  if (existsSync(file)) throw alreadyThere(file)
  const directory = dirname(file)
  if (directory !== config && !existsSync(directory)) {
    const hint = `run: mkdir -p ${quoted(directory)}`
    throw new HoopctlError('STATE_UNWRITABLE', `there is no directory \`${directory}\``, { hint })
  }
  return file
}

function checkName(name: string | undefined): void {
  if (name === undefined || /^[A-Za-z0-9][\w-]{0,63}$/.test(name)) return
  const hint = 'up to 64 letters, digits, `-` and `_`, beginning with a letter or a digit'
  throw new HoopctlError('USAGE', `\`${name}\` is no name for a server`, { hint })
}

async function askToStart({ command, yes }: InitOptions, context: Context): Promise<void> {
  if (yes) return
  if (context.stdin.isTTY !== true) {
    const message = 'nobody can be asked whether the server may be started: stdin is no terminal'
    throw new HoopctlError('USAGE', message, { hint: 'add --yes before -- to start it without asking' })
  }
  const typed = visible(command.map(quoted).join(' '))
  context.stderr.write(`This starts \`${typed}\`, without any policy, to look at what it offers.\n`)
  if (await confirm('Start it?', context)) return
  throw new HoopctlError('CANCELLED', 'the server was not started', { hint: 'answer y to start it' })
}
