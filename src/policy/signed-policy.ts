import { sha256 } from '../digest.ts'
import { shorten } from '../visible.ts'
import { readJws } from './jws.ts'
import { type RefusedPolicy, refused } from './refused-policy.ts'
import {
  completeMetadata,
  type PolicyMetadata,
  readMetadata,
  type SignedMetadata,
} from './signed-metadata.ts'
import { signersOf } from './signers.ts'
import { missing, type Trust } from './trust-chain.ts'

const MAX_PAYLOAD_BYTES = 4 * 1024 ** 2 // as for a local policy
/** The largest signed policy, in bytes: 4 MiB of YAML in base64url, and a hundred signatures. */
export const MAX_SIGNED_POLICY_BYTES = 6 * 1024 ** 2

/** The newest policy that a laptop has taken from a source: its high-water mark. */
export interface Mark {
  readonly version: number
  /** SHA-256 of its payload. */
  readonly digest: string
  /** The number of the trust document under which it was verified. */
  readonly trust: number
}

/** What a signed policy is held against. */
export interface Expected {
  /** The name under which it was fetched; null: whatever it calls itself. */
  readonly name: string | null
  readonly now: Date
  /** A lower version is refused; `floorOf` tells it. */
  readonly lowestVersion: number
  /** A policy of this version must have this digest. */
  readonly known?: { readonly version: number; readonly digest: string } | null
  /** How much of it is read; `head`: what it says of itself is a forecast (signed-metadata.ts). Absent: all. */
  readonly part?: 'whole' | 'head'
}

/** A policy that its signers vouch for. */
export interface SignedPolicy extends SignedMetadata {
  /** The very bytes that were signed: these are parsed, and no others. */
  readonly payload: Uint8Array
  /** SHA-256 of the payload. */
  readonly digest: string
  /** The keys that signed it, of those that are trusted. */
  readonly signers: readonly string[]
}

type Opened = Pick<SignedPolicy, 'payload' | 'digest' | 'signers'>
export type OpenedPolicy = ({ readonly ok: true } & Opened) | RefusedPolicy
export type VerifiedPolicy = ({ readonly ok: true } & SignedPolicy) | RefusedPolicy

/**
 * Tells below which version a laptop goes back no more. A trust document's `minVersion` replaces a mark that was made
 * under an earlier document, so signers can take back a version that was too high; later marks count again.
 */
export function floorOf(
  trust: Trust,
  mark: Mark | null,
): Required<Pick<Expected, 'lowestVersion' | 'known'>> {
  const { floor } = trust
  const counts = mark !== null && (floor === null || mark.trust >= floor.since)
  const lowest = Math.max(floor?.minVersion ?? 1, counts ? mark.version : 1)
  return { lowestVersion: lowest, known: counts ? mark : null }
}

/**
 * Verifies a signed policy: signatures first, then what its metadata says of itself. Nothing else of it is judged here:
 * `payload` must go to `parsePolicy` as it is. Never throws.
 */
export function verifySignedPolicy(bytes: Uint8Array, trust: Trust, expected: Expected): VerifiedPolicy {
  const opened = openSignedPolicy(bytes, trust)
  if (!opened.ok) return opened
  const read = readMetadata(opened.payload, expected.part)
  if (!read.ok) return read
  const policy = { ...opened, ...read.metadata }
  return faultOfSigned({ ...policy, identity: 'it is there' }, expected) ?? policy
}

/**
 * Verifies the signatures of a policy alone, for those who parse the payload at once: what the Policy then says of itself
 * must go to `faultOfSigned`. It spares a second look at the YAML of a policy of thousands of rules.
 */
export function openSignedPolicy(bytes: Uint8Array, trust: Trust): OpenedPolicy {
  const read = readJws(bytes, 'hoopctl-policy+yaml', MAX_SIGNED_POLICY_BYTES)
  if (!read.ok) return read
  const { payload } = read.jws
  const { by, broken } = signersOf(read.jws, trust.signers)
  if (missing(trust, by) > 0) return unsigned(by.size, broken, trust)
  if (payload.length > MAX_PAYLOAD_BYTES) return refused('format', 'its payload is larger than 4 MiB')
  return { ok: true, payload, digest: sha256(payload), signers: [...by] }
}

/** Says why a policy whose signatures hold does not count all the same; null: it counts. */
export function faultOfSigned(
  policy: PolicyMetadata & Pick<SignedPolicy, 'digest'>,
  { name, now, lowestVersion, known }: Expected,
): RefusedPolicy | null {
  const complete = completeMetadata(policy)
  if (!complete.ok) return complete
  const { version, expires } = complete.metadata
  if (name !== null && policy.name !== name) {
    return refused('name', `it is the policy \`${shorten(policy.name)}\`, and \`${name}\` was asked for`)
  }
  if (version < lowestVersion) {
    return refused('rollback', `it has version ${version}, and nothing below ${lowestVersion} is accepted`)
  }
  if (known?.version === version && known.digest !== policy.digest) {
    return refused('version', `version ${version} was seen with other contents`)
  }
  return expires <= now ? refused('expired', `it expired at ${expires.toISOString()}`) : null
}

function unsigned(count: number, broken: string | null, { threshold }: Trust): RefusedPolicy {
  const why = `it has ${count} of the ${threshold} signatures that are needed`
  return broken === null
    ? refused('threshold', why)
    : refused('altered', `${why}, and that of ${broken} does not verify: it was altered`)
}
