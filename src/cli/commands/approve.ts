import { Command } from 'commander'
import type { ApproveParts } from '../approvals/approve-parts.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

interface ApproveOptions {
  readonly policy: string | undefined
}

/** Opens what the screen works with, under the policy file that was named, if any. */
export type OpenApprovals = (policy: string | undefined, context: Context) => Promise<ApproveParts>

/** Declares `hoopctl approve`. */
export function approveCommand(context: Context, open: OpenApprovals): Command {
  return new Command('approve')
    .description(
      'Answer the calls that wait for a person: a screen that shows each as it will run. It needs a terminal of its own.',
    )
    .argument('[ID]', 'straight to this call, as the client or the shim named it: A-7K2P9QXM')
    .option('--policy <FILE>', 'decide by this policy file')
    .addHelpText('after', examples('hoopctl approve', 'hoopctl approve A-7K2P9QXM'))
    .action(async (id: string | undefined, { policy }: ApproveOptions) => {
      const { approve } = await import('../approvals/approve.ts')
      await approve(id, () => open(policy, context), context)
    })
}
