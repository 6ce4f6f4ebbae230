import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl status`. */
export function statusCommand(context: Context): Command {
  return new Command('status')
    .description('Show who you are, which policy holds, what is active and which sessions run.')
    .option('--policy <FILE>', 'under this policy file')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl status', 'hoopctl status --json'))
    .action(async (options: { readonly policy: string | undefined; readonly json: boolean }) => {
      const { status } = await import('../status.ts')
      await status(options, context)
    })
}
