import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

interface RequestOptions {
  readonly for: string | undefined
  readonly reason: string | undefined
  readonly policy: string | undefined
  readonly device: boolean
  readonly json: boolean
}

/** Declares `hoopctl request`. */
export function requestCommand(context: Context): Command {
  return new Command('request')
    .description(
      'Activate a grant for a while: in all running sessions, within a second. Asking again starts it anew. Several grants are proven by one answer, signature or sign-in. Where a second person must agree, it says what they type and waits for them.',
    )
    .argument('<GRANT...>', 'the grants, as `hoopctl grants` shows them')
    .option('--for <TIME>', 'for how long: 45s, 30m, 4h')
    .option('--reason <TEXT>', 'why; sessions record it')
    .option('--device', 'sign in with a code on another screen, where the provider can', false)
    .option('--policy <FILE>', 'under this policy file')
    .option('--json', 'print the grant as JSON', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl request orders-write --reason INC-2211',
        'hoopctl request orders-read orders-write --for 15m',
      ),
    )
    .action(async (names: string[], options: RequestOptions) => {
      const { requestGrants } = await import('../request-grants.ts')
      await requestGrants({ ...options, names }, context)
    })
}
