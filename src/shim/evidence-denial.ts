import type { Decision } from '../decision.ts'
import type { Policy } from '../policy/policy.ts'
import type { DestinationStanding, Spool } from '../state/upload-standing.ts'
import { visible } from '../visible.ts'
import { levelOf, type OwnLog } from './spool-level.ts'

/** The time, by the clock and by one that nobody sets: milliseconds since 1970, and since this machine started. */
export interface Clocks {
  readonly nowMs: number
  readonly bootMs: number
}

/** From when on calls are denied, by either clock; the sooner counts. */
export interface Deadline {
  readonly untilMs: number
  readonly untilBootMs: number
}

/** A clock that is corrected over the network steps back a little. What was confirmed later than that counts for nothing. */
const TOLERANCE_MS = 120_000

/** Tells until when calls pass, in doubt not at all: `NaN` and a time that is yet to come are no time that counts. */
export function deadlineOf(
  { fineMs, fineBootMs }: Pick<DestinationStanding, 'fineMs' | 'fineBootMs'>,
  requiredMs: number | null,
  { nowMs, bootMs }: Clocks,
): Deadline {
  if (requiredMs === null) return { untilMs: Infinity, untilBootMs: Infinity }
  if (!(nowMs - fineMs >= -TOLERANCE_MS)) return { untilMs: -Infinity, untilBootMs: -Infinity }
  // This machine has started anew since, and that is longer ago than its start.
  const uptime = bootMs < fineBootMs ? bootMs : bootMs - fineBootMs
  const left = requiredMs - Math.max(nowMs - fineMs, uptime, 0)
  return { untilMs: nowMs + left, untilBootMs: bootMs + left }
}

/** Tells whether a destination for which something waits has confirmed nothing for too long. */
export function isLate(
  { isIdle, untilMs, untilBootMs }: Deadline & Pick<DestinationStanding, 'isIdle'>,
  { nowMs, bootMs }: Clocks,
): boolean {
  return !isIdle && !(nowMs < untilMs && bootMs < untilBootMs)
}

/** Can calls be denied under this policy for what waits? */
export function mayDeny({ uploadTerms: { requiredMs, spool } }: Policy): boolean {
  return requiredMs !== null || spool?.onFull === 'deny'
}

/** The denial where a policy wants confirmations, and none of its destinations is used. */
export const NOWHERE = denied(
  'audit.upload',
  'this policy is not signed, so none of its destinations is used, and what is recorded is never confirmed',
)

/** The denial where more waits than may. */
export const TOO_MUCH = denied(
  'audit.spool',
  'more of the session logs waits to be sent than `audit.spool.max` allows',
)

/** Makes the denial for a destination that is late. */
export function lateDenial({
  destination,
  fineMs,
}: Pick<DestinationStanding, 'destination' | 'fineMs'>): Decision {
  const since = new Date(fineMs)
  const when = Number.isNaN(since.getTime()) ? 'nothing that counts' : `nothing since ${since.toISOString()}`
  const why = `session logs wait to be sent, and \`${visible(destination)}\` has confirmed ${when}`
  return denied('audit.upload.required', why)
}

/** Makes the denial of calls by a key of the policy. */
export function denied(rule: string, why: string): Decision {
  return { effect: 'deny', rules: [rule], why, reasons: [] }
}

/** What is known here of what waits. */
export interface KnownToWait {
  readonly standings: readonly DestinationStanding[]
  readonly spool: Spool
  /** The logs of sessions that are not over. */
  readonly logs: readonly OwnLog[]
}

/** Tells whether calls of a session are denied now for what waits, as the session itself does, and why; null: they are not. */
export function evidenceDenial(
  policy: Policy,
  { standings, spool, logs }: KnownToWait,
  clocks: Clocks,
): Decision | null {
  if (!mayDeny(policy)) return null
  if (policy.uploads.length === 0) return NOWHERE
  const { requiredMs, spool: limit } = policy.uploadTerms
  const used = new Set(policy.uploads.map(({ url }) => url))
  const late = standings.find(
    (each) =>
      used.has(each.destination) && isLate({ ...each, ...deadlineOf(each, requiredMs, clocks) }, clocks),
  )
  if (late !== undefined) return lateDenial(late)
  if (limit?.onFull !== 'deny') return null
  const isFull = [NO_LOG, ...logs].some((own) => levelOf(policy, spool, own) > 1)
  return isFull ? TOO_MUCH : null
}

const NO_LOG: OwnLog = { session: '', bytes: 0 }
