import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl revoke`. */
export function revokeCommand(context: Context): Command {
  return new Command('revoke')
    .description('End an active grant now, in all running sessions, within a second.')
    .argument('[GRANT]', 'the grant, as `hoopctl grants` shows it')
    .option('--all', 'end all that is active', false)
    .option('--policy <FILE>', 'look for the name in this policy file')
    .option('--json', 'print what was ended as JSON', false)
    .addHelpText('after', examples('hoopctl revoke orders-write', 'hoopctl revoke --all'))
    .action(
      async (
        name: string | undefined,
        options: { readonly all: boolean; readonly policy: string | undefined; readonly json: boolean },
      ) => {
        const { revokeGrants } = await import('../revoke-grants.ts')
        await revokeGrants({ ...options, name: name ?? null }, context)
      },
    )
}
