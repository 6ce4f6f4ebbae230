import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl logout`. */
export function logoutCommand(context: Context): Command {
  return (
    new Command('logout')
      .description('End the sign-in at the provider and here, and with it every grant that was activated.')
      // Every sign-in and activation of this device ends in any case: it is no error and says nothing.
      .addOption(new Option('--all').hideHelp())
      .addHelpText('after', examples('hoopctl logout'))
      .action(async () => {
        const { logout } = await import('../logout.ts')
        await logout(context)
      })
  )
}
