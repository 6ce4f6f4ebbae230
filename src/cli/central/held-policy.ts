import { type PolicyMetadata, sameMetadata, TWO_WAYS } from '../../policy/signed-metadata.ts'
import { type SignedPolicy, verifySignedPolicy } from '../../policy/signed-policy.ts'
import type { Trust } from '../../policy/trust-chain.ts'
import type { Standing, VersionMarks } from '../../state/version-marks.ts'
import { Refusal } from './refusal.ts'
import type { Link } from './trust-links.ts'

/** A signed policy that was verified from its bytes. Whether it has expired is asked later, again and again. */
export interface HeldPolicy {
  readonly bytes: Uint8Array
  readonly signed: SignedPolicy
  /** Whom it was verified by. */
  readonly trust: Trust
}

/** What a policy must be, beside signed. */
export interface Wanted {
  readonly name: string
  /** What its marks are kept under. */
  readonly key: string
  readonly marks: VersionMarks
  /** How much of it is read; `head`: `refuseOtherThanForecast` comes later. Absent: all. */
  readonly part?: 'whole' | 'head'
}

// Expiry is no reason not to hold a policy: it blocks everything, and a person is told what it was.
const BEGINNING_OF_TIME = new Date(0)

/** Verifies a policy that the source has now, by the newest trust. Throws a Refusal; also for one that ended before `now`. */
export function verifyFetched(bytes: Uint8Array, link: Link, now: Date, wanted: Wanted): HeldPolicy {
  const held = verifyUnder(bytes, link.trust, now, wanted)
  refuseByMark(wanted.marks.check(wanted.key, held.signed.version, held.signed.digest), held)
  return held
}

/**
 * Verifies policies that are kept here, and gives the first that holds; null: there is none. One that was taken before
 * stays in force while the source has only a newer trust document yet. Throws the Refusal of the first where none holds.
 */
export function verifyKept(
  policies: readonly Uint8Array[],
  links: readonly Link[],
  wanted: Wanted,
): HeldPolicy | null {
  let first: Refusal | null = null
  for (const bytes of policies) {
    try {
      return verifyOneKept(bytes, links, wanted)
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure
      first ??= failure
    }
  }
  if (first !== null) throw first
  return null
}

function verifyOneKept(bytes: Uint8Array, links: readonly Link[], wanted: Wanted): HeldPolicy {
  const [newest, ...earlier] = links.toReversed()
  if (newest === undefined)
    throw new Refusal('trust', 'no trust document is kept here that has the pinned digest')
  try {
    const held = verifyUnder(bytes, newest.trust, BEGINNING_OF_TIME, wanted)
    refuseByMark(wanted.marks.check(wanted.key, held.signed.version, held.signed.digest), held)
    return held
  } catch (failure) {
    const last = failure instanceof Refusal && isUnsigned(failure) ? lastGood(bytes, earlier, wanted) : null
    if (last === null) throw failure
    return last
  }
}

// Only the very policy that is marked: keys that a newer document has dropped sign nothing new.
function lastGood(bytes: Uint8Array, earlier: readonly Link[], wanted: Wanted): HeldPolicy | null {
  for (const { trust } of earlier) {
    try {
      const held = verifyUnder(bytes, trust, BEGINNING_OF_TIME, wanted)
      const { version, digest } = held.signed
      return wanted.marks.check(wanted.key, version, digest) === 'same' ? held : null
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure
    }
  }
  return null
}

function verifyUnder(
  bytes: Uint8Array,
  trust: Trust,
  now: Date,
  { name, part = 'whole' }: Wanted,
): HeldPolicy {
  const lowestVersion = trust.floor?.minVersion ?? 1
  const verified = verifySignedPolicy(bytes, trust, { name, now, lowestVersion, part })
  if (verified.ok) return { bytes, signed: verified, trust }
  throw new Refusal(verified.code, `the policy \`${name}\` is refused: ${verified.why}`)
}

/** Refuses a policy of which all says something else than the part that was read when it was verified. Throws a Refusal. */
export function refuseOtherThanForecast({ signed }: HeldPolicy, policy: PolicyMetadata): void {
  if (sameMetadata(signed, policy)) return
  throw new Refusal('format', `the policy \`${signed.name}\` is refused: ${TWO_WAYS}`)
}

/** Refuses what goes back behind a mark. Throws a Refusal. */
export function refuseByMark(standing: Standing, { signed }: HeldPolicy): void {
  const { name, version } = signed
  const what = `the policy \`${name}\` is refused: `
  if (standing === 'older')
    throw new Refusal('rollback', `${what}it has version ${version}, and a later one was seen here`)
  if (standing === 'differs')
    throw new Refusal('version', `${what}version ${version} was seen here with other contents`)
}

function isUnsigned({ reason }: Refusal): boolean {
  return reason === 'threshold' || reason === 'altered'
}
