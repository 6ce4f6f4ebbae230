import { HoopctlError } from '../errors.ts'
import { mayActivate } from '../policy/grants.ts'
import { didYouMean } from '../policy/near-miss.ts'
import type { Grant } from '../policy/policy.ts'
import type { Asker } from './asker.ts'
import { durationInWords } from './duration.ts'
import { atCommandLine, namesOf } from './grants-of.ts'

/** A grant that is asked for, and for how long. */
export interface Wanted {
  readonly grant: Grant
  readonly durationMs: number
}

/**
 * Finds the grants that are asked for, and how long each would last. Throws UNKNOWN_GRANT, which tells no names of other
 * people's grants, GRANT_DENIED, and USAGE for grants that cannot be asked for together.
 * @param forMs as `--for` says; null: each grant's default
 */
export function checkRequest(
  names: readonly string[],
  forMs: number | null,
  asker: Asker,
  now: Date,
): readonly Wanted[] {
  const { blocked } = asker
  if (blocked !== null) throw denied(`the policy gives nothing now: ${blocked.why}`, blocked.help)
  const wanted = [...new Set(names)].map((name) => {
    const grant = asker.policy.grants.find((each) => each.name === name)
    if (grant === undefined) throw unknownGrant(name, asker, now)
    refuseUnavailable(grant, asker, now)
    return { grant, durationMs: durationOf(grant, forMs) }
  })
  refuseUnlike(wanted.map(({ grant }) => grant))
  return wanted
}

// One question has one server and is for one set of people.
function refuseUnlike(grants: readonly Grant[]): void {
  const [first, ...others] = grants.toSorted(
    (a, b) => Number(a.activate.approval === null) - Number(b.activate.approval === null),
  )
  if (first === undefined || first.activate.approval === null) return
  const asks = ({ server, activate }: Grant) => JSON.stringify([server, activate.approval])
  const other = others.find((grant) => asks(grant) !== asks(first))
  if (other === undefined) return
  const why =
    other.activate.approval === null
      ? `\`${first.name}\` needs a second person to agree, and \`${other.name}\` does not`
      : `\`${first.name}\` and \`${other.name}\` need other people to agree, or are on two servers`
  throw new HoopctlError('USAGE', `${why}: they cannot be asked for together`, {
    hint: `ask for one alone: hoopctl request ${first.name}`,
  })
}

/** Makes the error for a name that no grant has. */
export function unknownGrant(name: string, asker: Asker, now: Date): HoopctlError {
  const mine = namesOf(asker, now).map((grant) => grant.name)
  const message = `the policy ${asker.policy.name} has no grant \`${name}\`${didYouMean(name, mine)}`
  const hint = mine.length === 0 ? 'it has no grant for you at all' : `yours are: ${mine.join(', ')}`
  return new HoopctlError('UNKNOWN_GRANT', message, { hint })
}

function refuseUnavailable(grant: Grant, { subject }: Asker, now: Date): void {
  const { name, server, activate } = grant
  const may = mayActivate(grant, subject, atCommandLine(now))
  const ask = 'see what you may have: hoopctl grants'
  if (may.verdict === 'no') throw denied(`\`${name}\` is not given to you now: ${may.why}`, ask)
  if (activate.mode === 'session') {
    const hint = `start it, or restart the client that does: hoopctl wrap ${server}`
    throw denied(`\`${name}\` is not asked for: it starts by itself with \`hoopctl wrap ${server}\``, hint)
  }
}

function durationOf({ name, duration }: Grant, forMs: number | null): number {
  const { defaultMs, maxMs } = duration
  if (forMs === null) return Math.min(defaultMs ?? maxMs, maxMs)
  if (forMs <= maxMs) return forMs
  const most = durationInWords(maxMs)
  const message = `\`${name}\` lasts at most ${most}, and ${durationInWords(forMs)} was asked for`
  throw denied(message, `ask for less: --for ${most.replaceAll(/ .*/g, '')}; it can be requested again`)
}

function denied(message: string, hint: string): HoopctlError {
  return new HoopctlError('GRANT_DENIED', message, { hint })
}
