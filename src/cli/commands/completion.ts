import { Argument, Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
type Shell = (typeof SHELLS)[number]

interface CompletionOptions {
  readonly shell: Shell
  readonly program: Command
}

/** Declares `hoopctl completion`. */
export function completionCommand(context: Context, run = completion): Command {
  return new Command('completion')
    .description('Print the script with which a shell completes hoopctl.')
    .addArgument(new Argument('<SHELL>', 'which shell').choices(SHELLS))
    .addHelpText('after', examples('eval "$(hoopctl completion bash)"'))
    .action((shell: Shell, _options: unknown, command: Command) =>
      run({ shell, program: command.parent ?? command }, context),
    )
}

/** Prints the completion script of one shell, made from the command tree. */
export async function completion({ shell, program }: CompletionOptions, context: Context): Promise<void> {
  const { completionScript } = await import('../completion/completion-script.ts')
  context.stdout.write(completionScript(shell, program))
}
