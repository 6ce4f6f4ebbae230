import { sha256 } from '../digest.ts'
import { parseInstant } from '../instant.ts'
import { shorten } from '../visible.ts'
import { readJws } from './jws.ts'
import { signersOf } from './signers.ts'
import { decodeSource } from './source-text.ts'
import { missing, type Trust } from './trust-chain.ts'
import { MAX_VERSION } from './trust-document.ts'
import { parseYaml } from './yaml.ts'
import type { ScalarNode, YamlNode } from './yaml-node.ts'

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
}

type Refused = {
  readonly ok: false
  readonly code:
    | 'altered'
    | 'rollback'
    | 'expired'
    | 'name'
    | 'threshold'
    | 'algorithm'
    | 'version'
    | 'format'
  readonly why: string
}

/** A policy that its signers vouch for. */
export interface SignedPolicy {
  /** The very bytes that were signed: these are parsed, and no others. */
  readonly payload: Uint8Array
  readonly name: string
  readonly version: number
  readonly expires: Date
  /** SHA-256 of the payload. */
  readonly digest: string
  /** The keys that signed it, of those that are trusted. */
  readonly signers: readonly string[]
}

export type VerifiedPolicy = ({ readonly ok: true } & SignedPolicy) | Refused

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
  const read = readJws(bytes, 'hoopctl-policy+yaml', MAX_SIGNED_POLICY_BYTES)
  if (!read.ok) return read
  const { payload } = read.jws
  const { by, broken } = signersOf(read.jws, trust.signers)
  if (missing(trust, by) > 0) return unsigned(by.size, broken, trust)
  if (payload.length > MAX_PAYLOAD_BYTES) return refused('format', 'its payload is larger than 4 MiB')
  const metadata = readMetadata(payload)
  if (!metadata.ok) return metadata
  const policy = { ...metadata.metadata, payload, digest: sha256(payload), signers: [...by] }
  return faultOf(policy, expected) ?? { ok: true, ...policy }
}

type Metadata = Pick<SignedPolicy, 'name' | 'version' | 'expires'>

/** Reads what a policy must say of itself to be signed. */
export function readMetadata(
  payload: Uint8Array,
): { readonly ok: true; readonly metadata: Metadata } | Refused {
  const { source, problem } = decodeSource(payload, 'payload')
  const root = problem === null ? parseYaml(source).root : null
  if (root === null) return refused('format', 'its payload is no YAML that can be read in one way only')
  const scalar = (key: string) => scalarAt(childOf(root, 'metadata'), key)
  if (scalarAt(root, 'kind')?.value !== 'Policy') return refused('format', 'its payload is no policy')
  const [name, version, expires] = [scalar('name')?.value, scalar('version'), scalar('expires')?.value]
  if (typeof name !== 'string') return refused('name', 'it has no `metadata.name`')
  if (version === null) return refused('version', 'it has no `metadata.version`')
  if (!isVersion(version.value)) {
    return refused('version', `its \`metadata.version\` is no whole number from 1 to ${MAX_VERSION}`)
  }
  if (expires === undefined) return refused('format', 'it has no `metadata.expires`')
  const instant = typeof expires === 'string' ? parseInstant(expires) : null
  if (instant === null) return refused('format', 'its `metadata.expires` is no point in time')
  // Without one nobody would have to sign in, and anybody on the machine would be whoever the rules are about.
  if (childOf(root, 'identity') === null) return refused('format', 'it has no section `identity`')
  return { ok: true, metadata: { name, version: version.value, expires: instant } }
}

function faultOf(policy: SignedPolicy, { name, now, lowestVersion, known }: Expected): Refused | null {
  const { version, digest, expires } = policy
  if (name !== null && policy.name !== name) {
    return refused('name', `it is the policy \`${shorten(policy.name)}\`, and \`${name}\` was asked for`)
  }
  if (version < lowestVersion) {
    return refused('rollback', `it has version ${version}, and nothing below ${lowestVersion} is accepted`)
  }
  if (known?.version === version && known.digest !== digest) {
    return refused('version', `version ${version} was seen with other contents`)
  }
  return expires <= now ? refused('expired', `it expired at ${expires.toISOString()}`) : null
}

function unsigned(count: number, broken: string | null, { threshold }: Trust): Refused {
  const why = `it has ${count} of the ${threshold} signatures that are needed`
  return broken === null
    ? refused('threshold', why)
    : refused('altered', `${why}, and that of ${broken} does not verify: it was altered`)
}

function isVersion(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_VERSION
}

function childOf(node: YamlNode | null, key: string): YamlNode | null {
  return node?.kind === 'map' ? (node.entries.get(key)?.value ?? null) : null
}

function scalarAt(node: YamlNode | null, key: string): ScalarNode | null {
  const child = childOf(node, key)
  return child?.kind === 'scalar' ? child : null
}

function refused(code: Refused['code'], why: string): Refused {
  return { ok: false, code, why }
}
