import { parseInstant } from '../instant.ts'
import { keepTree } from './parsed-payload.ts'
import { parseHead } from './policy-head.ts'
import { type RefusedPolicy, refused } from './refused-policy.ts'
import { decodeSource } from './source-text.ts'
import { MAX_VERSION } from './trust-document.ts'
import { parseYaml } from './yaml.ts'
import type { ScalarNode, YamlNode } from './yaml-node.ts'

/** What a signed policy says of itself. */
export interface SignedMetadata {
  readonly name: string
  readonly version: number
  readonly expires: Date
}

/** What any policy says of itself; a Policy has these members. */
export interface PolicyMetadata {
  readonly name: string
  readonly version: number | null
  readonly expires: Date | null
  /** null: the policy has no such section. */
  readonly identity: unknown
}

export type ReadMetadata = { readonly ok: true; readonly metadata: SignedMetadata } | RefusedPolicy

/**
 * Reads what a policy must say of itself to be signed, and nothing else of it. Never throws.
 * @param part `head`: reads no more than that where that does, which is a forecast (policy-head.ts); `sameMetadata` tells whether it was right
 */
export function readMetadata(payload: Uint8Array, part: 'whole' | 'head' = 'whole'): ReadMetadata {
  const { source, problem } = decodeSource(payload, 'payload')
  if (problem !== null) return unreadable()
  const head = parseHead(source)
  const forecast = head === null ? null : metadataOf(head.root)
  if (part === 'head' && head !== null && forecast?.ok === true) {
    keepTree(payload, head)
    return forecast
  }
  const { root } = parseYaml(source)
  if (root === null) return unreadable()
  keepTree(payload, { source, root, isWhole: true })
  const read = metadataOf(root)
  // A start would take the forecast first, and then refuse it: nobody is to sign or take up such a policy.
  const isForeseen = !read.ok || forecast?.ok !== true || sameMetadata(forecast.metadata, read.metadata)
  return isForeseen ? read : refused('format', TWO_WAYS)
}

/** Why a policy is refused of which a part says something else of itself than all of it. */
export const TWO_WAYS = 'its `metadata` can be read in more than one way'

/** Does a policy say the same of itself, read as a whole, as its head did? */
export function sameMetadata(
  signed: SignedMetadata,
  { name, version, expires }: Pick<PolicyMetadata, 'name' | 'version' | 'expires'>,
): boolean {
  const isSame = signed.name === name && signed.version === version
  return isSame && signed.expires.getTime() === expires?.getTime()
}

function metadataOf(root: YamlNode): ReadMetadata {
  if (scalarAt(root, 'kind')?.value !== 'Policy') return refused('format', 'its payload is no policy')
  const [name, version, expires] = ['name', 'version', 'expires'].map(
    (key) => scalarAt(childOf(root, 'metadata'), key)?.value ?? null,
  )
  if (typeof name !== 'string') return refused('name', 'it has no `metadata.name`')
  if (version !== null && typeof version !== 'number') return refused('version', NO_VERSION)
  const instant = typeof expires === 'string' ? parseInstant(expires) : null
  if (expires !== null && instant === null) return refused('format', 'its `metadata.expires` is no instant')
  return completeMetadata({
    name,
    version: version ?? null,
    expires: instant,
    identity: childOf(root, 'identity'),
  })
}

function unreadable(): ReadMetadata {
  return refused('format', 'its payload is no YAML that can be read in one way only')
}

/** Checks that a policy says enough of itself to be signed. */
export function completeMetadata({ name, version, expires, identity }: PolicyMetadata): ReadMetadata {
  if (version === null) return refused('version', 'it has no `metadata.version`')
  if (!Number.isInteger(version) || version < 1 || version > MAX_VERSION)
    return refused('version', NO_VERSION)
  if (expires === null) return refused('format', 'it has no `metadata.expires`')
  // Without one nobody would have to sign in, and anybody on the machine would be whoever the rules are about.
  if (identity === null) return refused('format', 'it has no section `identity`')
  return { ok: true, metadata: { name, version, expires } }
}

const NO_VERSION = `its \`metadata.version\` is no whole number from 1 to ${MAX_VERSION}`

function childOf(node: YamlNode | null, key: string): YamlNode | null {
  return node?.kind === 'map' ? (node.entries.get(key)?.value ?? null) : null
}

function scalarAt(node: YamlNode | null, key: string): ScalarNode | null {
  const child = childOf(node, key)
  return child?.kind === 'scalar' ? child : null
}
