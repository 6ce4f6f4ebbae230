import { HoopctlError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { CentralParts, WrapPolicy } from '../policy-for.ts'
import type { PolicySource } from '../policy-source.ts'
import { CentralFeed } from './central-feed.ts'
import { type Central, openCentral } from './open-central.ts'
import { blockedAt, REFRESH_HELP } from './policy-end.ts'
import type { KeptPolicy } from './policy-keeper.ts'
import { Refusal } from './refusal.ts'
import { ToldEarly } from './told-early.ts'

type Loaded = Exclude<WrapPolicy, { kind: 'file' }>

const PERSON_MENDS = ['UNREACHABLE', 'STATE_UNWRITABLE', 'NOT_SIGNED_IN', 'SIGN_IN_FAILED', 'KEYCHAIN']

// A client waits about a minute for its first answer, and the server has yet to start.
const PATIENCE_MS = 10_000

/**
 * Loads the policy of a source from what is kept of it; the network is waited for only where that does not do, also
 * because `early` failed: a newer policy may name what is asked for. Throws what `early` throws for the one that is taken.
 */
export async function loadForWrap(
  source: PolicySource,
  context: Context,
  parts: CentralParts,
): Promise<Loaded> {
  let central: Central
  const told = new ToldEarly(parts)
  try {
    central = openCentral(source, context, { ...parts, early: told.early })
  } catch (failure) {
    return noneYet(failure)
  }
  const problem = await read(central)
  const first = central.keeper.kept
  if (first !== null && !isBlocked(first, central) && !told.failed) return taken(first, central, told, parts)
  if (first === null) told.undo() // what was started for a policy that does not hold
  const found = await soon(look(central))
  const kept = central.keeper.kept
  if (kept === null) {
    central.close()
    told.undo()
    // Copies that somebody has altered are told of before a source that is away.
    const isWorse = problem instanceof Refusal && !(found instanceof Refusal)
    return noneYet(isWorse ? problem : (found ?? unreached(source)))
  }
  if (found instanceof HoopctlError) parts.tell(`${found.message} (${found.hint})`)
  return taken(kept, central, told, parts)
}

async function taken(
  kept: KeptPolicy,
  central: Central,
  told: ToldEarly,
  parts: CentralParts,
): Promise<Loaded> {
  const unmarked = central.clock.flush()
  if (unmarked !== null) {
    told.undo()
    central.close()
    return noneYet(unmarked)
  }
  if (isBlocked(kept, central)) {
    told.undo()
    return opened(kept, central, false, parts)
  }
  try {
    return opened(kept, central, await told.finish(kept.policy), parts)
  } catch (failure) {
    central.close()
    throw failure
  }
}

function opened(kept: KeptPolicy, central: Central, early: boolean, { tell }: CentralParts): Loaded {
  const { keeper, key, moment, state } = central
  const feed = new CentralFeed(kept, {
    keeper,
    key,
    moment,
    random: Math.random,
    tell,
    onBell: (call) => state.onBell(call),
    ring: () => state.ring(),
  })
  const close = () => {
    feed.close()
    central.close()
  }
  return { kind: 'central', policy: kept.policy, feed, early, state, close }
}

// What is kept and does not hold is no more than missing, until the source has said what it has.
async function read({ keeper }: Central): Promise<unknown> {
  try {
    await keeper.load()
    return null
  } catch (failure) {
    return failure
  }
}

async function look({ keeper }: Central): Promise<unknown> {
  try {
    await keeper.refresh()
    return null
  } catch (failure) {
    return failure
  }
}

async function soon(looked: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<unknown>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS)
  })
  return Promise.race([looked, late]).finally(() => clearTimeout(timer))
}

function isBlocked(kept: KeptPolicy, { keeper, moment }: Central): boolean {
  return blockedAt(kept, keeper.contact, moment()) !== null
}

// What a person mends while the client runs is told to the client; what must not be passed by ends `wrap`.
function noneYet(failure: unknown): Loaded {
  if (!(failure instanceof HoopctlError)) throw failure
  const mends = PERSON_MENDS.includes(failure.code)
  if (!mends && !(failure instanceof Refusal && failure.reason === 'expired')) throw failure
  const why = `there is no policy to decide by: ${failure.message} (${failure.hint})`
  return { kind: 'none-yet', why, help: REFRESH_HELP }
}

function unreached({ url }: PolicySource): HoopctlError {
  const hint = 'check the network'
  return new HoopctlError('UNREACHABLE', `the source of the policy, ${url}, did not answer in time`, { hint })
}
