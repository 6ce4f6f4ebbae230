import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl logout`. */
export function logoutCommand(context: Context): Command {
  return new Command('logout')
    .description('End the sign-in at the provider and here, and with it every grant that is active.')
    .option('--all', 'end the grants of everybody who signed in on this machine', false)
    .addHelpText('after', examples('hoopctl logout'))
    .action(async (options: { readonly all: boolean }) => {
      const { logout } = await import('../logout.ts')
      await logout(options, context)
    })
}
