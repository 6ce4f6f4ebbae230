import type { Blocked } from '../../shim/standing.ts'
import type { KeptPolicy } from './policy-keeper.ts'
import type { Contact } from './policy-cache.ts'

/** What a person can do about a policy that does not count any more. */
export const REFRESH_HELP = 'A person can look for a newer one with: hoopctl policy refresh'

/** Says from when on a policy does not count: at its expiry, or when its source was silent for too long. */
export function endOf({ policy, held }: KeptPolicy, contact: Contact | null): Date {
  const stale = (contact?.at.getTime() ?? 0) + policy.maxStaleMs
  return new Date(Math.min(held.signed.expires.getTime(), stale))
}

// A clock that is corrected over the network steps back a little.
const TOLERANCE_MS = 120_000

/** A moment: as the wall's clock says, and never before what was seen. */
export interface Moment {
  readonly wall: Date
  readonly time: Date
}

/** Says whether the wall's clock was set back: then nobody knows what has ended. */
export function isSetBack({ wall, time }: Moment): boolean {
  return wall.getTime() < time.getTime() - TOLERANCE_MS
}

/** Says why a policy does not count at a moment; null: it does. */
export function blockedAt(
  { policy, held }: KeptPolicy,
  contact: Contact | null,
  moment: Moment,
): Blocked | null {
  const { time } = moment
  const { name, expires } = held.signed
  if (isSetBack(moment)) {
    const why = 'the clock of this computer was set back, so nobody knows what has ended'
    return { why, help: 'A person can set the clock; where it is right now, with: hoopctl policy refresh' }
  }
  if (expires <= time) {
    return { why: `the policy \`${name}\` expired at ${expires.toISOString()}`, help: REFRESH_HELP }
  }
  // A contact that is yet to come was written by a wrong clock, or by nobody who asked the source.
  const silentMs = contact === null ? Number.POSITIVE_INFINITY : time.getTime() - contact.at.getTime()
  if (silentMs >= -TOLERANCE_MS && silentMs < policy.maxStaleMs) return null
  const since =
    contact === null || silentMs < -TOLERANCE_MS ? 'is not known' : `was at ${contact.at.toISOString()}`
  const why = `the last contact with the source of the policy \`${name}\` ${since}: it may have changed`
  return { why, help: REFRESH_HELP }
}
