import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl whoami`. */
export function whoamiCommand(context: Context): Command {
  return new Command('whoami')
    .description('Show who the policy takes you for.')
    .option('--policy <FILE>', 'under this policy file')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl whoami', 'hoopctl whoami --json'))
    .action(async (options: { readonly policy: string | undefined; readonly json: boolean }) => {
      const { whoami } = await import('../whoami.ts')
      await whoami(options, context)
    })
}
