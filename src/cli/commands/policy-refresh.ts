import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Central } from '../central/open-central.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import type { PolicySource } from '../policy-source.ts'

interface RefreshOptions {
  readonly json: boolean
}

/** Declares `hoopctl policy refresh`. */
export function policyRefreshCommand(context: Context, run = policyRefresh): Command {
  return new Command('refresh')
    .description('Look for a newer policy now; running sessions take it up at once.')
    .option('--json', 'print the policy in force as JSON', false)
    .addHelpText('after', examples('hoopctl policy refresh'))
    .action((options: RefreshOptions) => run(options, context))
}

/** Asks the source now, and ends what is active and given no longer. Throws UNREACHABLE, and POLICY_ALTERED or POLICY_INVALID where what it has is not to be taken. */
export async function policyRefresh({ json }: RefreshOptions, context: Context): Promise<void> {
  const { chooseSource } = await import('../choose-source.ts')
  const chosen = await chooseSource(undefined, context)
  if (chosen.kind === 'file') {
    const message = `the policy is the file \`${chosen.path}\`, which is read when \`wrap\` starts`
    throw new HoopctlError('USAGE', message, { hint: 'restart the client to have it read again' })
  }
  const { centralFacts } = await import('../central/central-facts.ts')
  const { withDeviceState } = await import('../device-state.ts')
  const { endNotGiven } = await import('../end-not-given.ts')
  const central = await opened(chosen.source, context)
  try {
    const before = central.keeper.kept?.policy ?? null
    await refreshed(central, context)
    const { kept } = central.keeper
    if (kept === null) throw new Error('a policy was fetched, and there is none')
    await withDeviceState(context, (state) =>
      endNotGiven({ policy: kept.policy, key: central.key }, state, context.now()),
    )
    const facts = centralFacts(kept, central)
    if (json) return void context.stdout.write(jsonLine(facts))
    const news = kept.policy === before ? 'nothing newer' : 'taken up'
    const what = `${visible(facts.name)}, version ${facts.version}, until ${facts.expires}`
    context.stdout.write(`${what}: ${news}.\n`)
    if (kept.held.signed.expires <= context.now()) throw ended(kept.held.signed.name)
  } finally {
    central.close()
  }
}

function ended(name: string): HoopctlError {
  const message = `the policy \`${visible(name)}\` has ended, and its source has no newer one: everything is denied`
  return new HoopctlError('POLICY_ALTERED', message, { hint: 'ask those who sign it for a new version' })
}

async function refreshed({ keeper, state }: Central, { stderr, now }: Context): Promise<void> {
  try {
    await keeper.refresh()
  } catch (failure) {
    const kept = keeper.kept?.held.signed
    if (kept !== undefined) {
      const until = kept.expires.toISOString()
      const what = `Version ${kept.version} of ${visible(kept.name)}`
      const over = kept.expires <= now()
      stderr.write(
        over ? `${what} ended at ${until}.\n` : `${what} stays in force, until ${until} at most.\n`,
      )
    }
    throw failure
  } finally {
    state.ring()
  }
}

async function opened(source: PolicySource, context: Context): Promise<Central> {
  const { openCentral } = await import('../central/open-central.ts')
  const { isSetBack } = await import('../central/policy-end.ts')
  const { Refusal } = await import('../central/refusal.ts')
  let central = openCentral(source, context)
  try {
    if (isSetBack(central.moment())) {
      await askAboutClock(central, context)
      central.close()
      central = openCentral(source, context)
    }
    await central.keeper.load().catch((failure: unknown) => {
      if (!(failure instanceof Refusal)) throw failure // what is kept does not hold: the source is asked
    })
    return central
  } catch (failure) {
    central.close()
    throw failure
  }
}

// Whoever can set the clock could keep a policy alive that has ended; so only a person says that it is right.
async function askAboutClock({ clock, moment }: Central, context: Context): Promise<void> {
  const { wall, time } = moment()
  const said = `this clock says ${wall.toISOString()}, and ${time.toISOString()} was seen here before`
  if (context.stdin.isTTY !== true) {
    const hint = 'set the clock; if it is right now, run this at a terminal'
    throw new HoopctlError('INPUT_INVALID', said, { hint })
  }
  context.stderr.write(`${said.replace('this', 'This')}. If it is right now, all active grants end.\n`)
  if (!(await confirm('Is it right now?', context))) {
    throw new HoopctlError('CANCELLED', 'the clock was not taken for right', { hint: 'set it' })
  }
  clock.reset(context.now())
}
