import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

interface ApproveOptions {
  readonly policy: string | undefined
}

/** Declares `hoopctl approve`. */
export function approveCommand(context: Context): Command {
  return new Command('approve')
    .description(
      'Answer the calls that wait for a person: a screen that shows each as it will run. It needs a terminal of its own.',
    )
    .argument(
      '[ID]',
      'straight to the call with this id, which the model is told and `hoopctl status` shows: A-7K2P9QXM',
    )
    .option('--policy <FILE>', 'decide by this policy file')
    .addHelpText('after', examples('hoopctl approve', 'hoopctl approve A-7K2P9QXM'))
    .action(async (id: string | undefined, { policy }: ApproveOptions) => {
      const { approve } = await import('../approvals/approve.ts')
      const { openApprovals } = await import('../approvals/open-approvals.ts')
      await approve(id, () => openApprovals(policy, context), context)
    })
}
