import { userInfo } from 'node:os'
import { HoopctlError } from '../errors.ts'
import { didYouMean } from '../policy/near-miss.ts'
import { visible } from '../visible.ts'
import { type Asker, findAsker } from './asker.ts'
import { namesOf } from './grants-of.ts'
import type { Context } from './context.ts'
import { type DeviceState, withDeviceState } from './device-state.ts'
import { jsonLine } from './json.ts'

/** What a person wants to end. */
export interface RevokeOptions {
  /** null where none was named. */
  readonly name: string | null
  readonly all: boolean
  readonly policy: string | undefined
  readonly json: boolean
}

/**
 * Ends what is active on this device: what was requested, and what sessions started by themselves. It needs no sign-in
 * and no policy that can be read: less access is always to be had. Throws UNKNOWN_GRANT, USAGE, and what opening the
 * state throws.
 */
export async function revokeGrants(options: RevokeOptions, context: Context): Promise<void> {
  await withDeviceState(context, async (state) => {
    const name = meant(options, state, context.now())
    const active = activeNow(state, context.now())
    const now = context.now()
    if (name !== null && !active.includes(name)) await refuseUnknown(name, active, options, context)
    end(name, state, now)
    const ended = [...new Set(active.filter((each) => name === null || each === name))]
    if (options.json) return void context.stdout.write(jsonLine({ revoked: ended }))
    const none = name === null ? 'Nothing is active.' : `${visible(name)} is not active.`
    const text = ended.length === 0 ? none : `Ended ${ended.map((each) => visible(each)).join(', ')}.`
    context.stdout.write(`${text}\n`)
  })
}

function meant({ name, all }: RevokeOptions, state: DeviceState, now: Date): string | null {
  if (name !== null && all) {
    const hint = 'leave out one of them'
    throw new HoopctlError('USAGE', '`--all` and a grant were both given', { hint })
  }
  if (name !== null || all) return name
  const active = activeNow(state, now)
  const hint = active.length === 0 ? 'nothing is active' : `run: hoopctl revoke ${active.join(' | ')} | --all`
  throw new HoopctlError('USAGE', 'which grant shall end?', { hint })
}

function activeNow({ activations, shims }: DeviceState, now: Date): string[] {
  const requested = activations.live({}, now).map(({ grant }) => grant)
  const started = shims
    .running()
    .flatMap(({ grants }) => grants.filter(({ expires }) => expires === null || expires > now))
  return [...new Set([...requested, ...started.map((grant) => grant.name)])].sort()
}

// A name that is neither active nor in the policy is a slip of the fingers, and what was meant goes on: so it is told.
async function refuseUnknown(
  name: string,
  active: readonly string[],
  { policy }: RevokeOptions,
  context: Context,
): Promise<void> {
  const asker = await findAsker(policy, context).catch((failure: unknown): Asker | null => {
    if (failure instanceof HoopctlError) return null
    throw failure
  })
  const mine = asker === null ? [] : namesOf(asker, context.now()).map((grant) => grant.name)
  if (mine.includes(name)) return
  const known = [...new Set([...active, ...mine])]
  const hint = active.length === 0 ? 'nothing is active' : `active are: ${active.join(', ')}`
  throw new HoopctlError('UNKNOWN_GRANT', `there is no grant \`${name}\`${didYouMean(name, known)}`, { hint })
}

// Also where nothing seems active: a session that has not told of itself hears it all the same.
function end(name: string | null, { shared, activations, events }: DeviceState, now: Date): void {
  shared.database.durably(() => {
    activations.end(name === null ? {} : { grant: name }, now)
    events.append({ kind: 'revoke', at: now, fields: { grant: name ?? '*', by: userInfo().username } })
  })
  shared.ring()
}
