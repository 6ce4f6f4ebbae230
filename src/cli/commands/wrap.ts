import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import type { WrapOptions } from '../wrap-target.ts'

interface Options {
  readonly policy?: string
  readonly server?: string
  readonly grant?: readonly string[]
  readonly reason?: string
}

/** Declares `hoopctl wrap`. */
export function wrapCommand(context: Context, run = runLater): Command {
  return new Command('wrap')
    .description('Run an MCP server behind the policy: put this into a client’s configuration in its place.')
    .usage(
      '[--policy FILE] [--grant NAME]… [--reason TEXT] NAME\n       hoopctl wrap [--policy FILE] [--server NAME] -- COMMAND [ARGS…]',
    )
    .argument('[words...]', 'a server of the policy, or behind `--` any command')
    .option('--policy <FILE>', 'the policy to use instead of the one in the configuration directory')
    .option('--server <NAME>', 'with -- COMMAND: the rules of that server of the policy hold too')
    .option('--grant <NAME>', 'start this session grant and no other; may be repeated', collect)
    .option('--reason <TEXT>', 'why, for the records of the session grants that start')
    .addHelpText(
      'after',
      examples(
        'hoopctl wrap orders-db',
        'hoopctl wrap --server orders-db -- /opt/orders/bin/mcp --read-only',
      ),
    )
    .action((words: string[], options: Options, command: Command) => {
      const behind = wordsBehindDashes(command, words)
      const names = behind === null ? words : words.slice(0, words.length - behind.length)
      const { policy, server, grant = [], reason } = options
      return run({ names, command: behind, policy, server, grants: grant, reason }, context)
    })
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name]
}

async function runLater(options: WrapOptions, context: Context): Promise<void> {
  const { wrap } = await import('../run-wrap.ts')
  await wrap(options, context)
}

// Commander takes the dashes away, so how many words stood behind them is counted in what was typed.
function wordsBehindDashes(command: Command, words: readonly string[]): readonly string[] | null {
  const typed: unknown = command.parent === null ? [] : Reflect.get(command.parent, 'rawArgs')
  const raw = Array.isArray(typed) ? typed.map(String) : []
  const dashes = raw.indexOf('--')
  return dashes === -1 ? null : words.slice(words.length - (raw.length - dashes - 1))
}
