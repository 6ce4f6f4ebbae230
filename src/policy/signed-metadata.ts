import { parseInstant } from '../instant.ts'
import { keepTree } from './parsed-payload.ts'
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

/** Reads what a policy must say of itself to be signed, and nothing else of it. Never throws. */
export function readMetadata(payload: Uint8Array): ReadMetadata {
  const { source, problem } = decodeSource(payload, 'payload')
  const root = problem === null ? parseYaml(source).root : null
  if (root === null) return refused('format', 'its payload is no YAML that can be read in one way only')
  keepTree(payload, root)
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
