import { Command } from 'commander'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { painter } from '../paint.ts'

interface GrantsOptions {
  readonly policy: string | undefined
  readonly json: boolean
}

/** Declares `hoopctl grants`. */
export function grantsCommand(context: Context, run = grants): Command {
  return new Command('grants')
    .description(
      'List the grants that you may have: which are active and for how long, and what each allows.',
    )
    .option('--policy <FILE>', 'look into this policy file')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl grants'))
    .action((options: GrantsOptions) => run(options, context))
}

/** Prints the grants of whoever asks. Throws NO_POLICY, NOT_SIGNED_IN, and what reading the policy or the state throws. */
export async function grants({ policy, json }: GrantsOptions, context: Context): Promise<void> {
  const { findAsker } = await import('../asker.ts')
  const { endNotGiven } = await import('../end-not-given.ts')
  const { grantsOf } = await import('../grants-of.ts')
  const { withDeviceState } = await import('../device-state.ts')
  const { grantLines, grantRow } = await import('../grant-lines.ts')
  const asker = await findAsker(policy, context)
  const now = context.now()
  const states = await withDeviceState(context, (state) => {
    endNotGiven(asker, state, now)
    return grantsOf(asker, state, now)
  })
  if (json) {
    const rows = states.map(({ grant, state, expires }) => grantRow(grant, state, expires))
    return void context.stdout.write(jsonLine({ grants: rows }))
  }
  if (states.length === 0) {
    const { policy: from, blocked } = asker
    const why =
      blocked === null ? `the policy ${from.name} has no grant for you` : `${blocked.why}. ${blocked.help}`
    return void context.stderr.write(`hoopctl: ${visible(why)}\n`)
  }
  const paint = painter(context)
  for (const state of states)
    context.stdout.write(`${grantLines(state, { now, paint, policy }).join('\n')}\n`)
}
