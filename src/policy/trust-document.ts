import * as v from 'valibot'
import { sha256 } from '../digest.ts'
import { type Jws, readJws } from './jws.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'
import { checkShape } from './shape-fault.ts'
import { decodeSource } from './source-text.ts'
import { parseYaml } from './yaml.ts'
import { nodeAt, plainValue } from './yaml-node.ts'
import { ProblemList } from './problem-list.ts'

/** The largest version of a policy and number of a trust document. */
export const MAX_VERSION = 2 ** 31
/** The largest trust document, in bytes. */
export const MAX_TRUST_BYTES = 64 * 1024

/** Who may sign policies from some number on. */
export interface TrustDocument {
  readonly number: number
  readonly signers: readonly PublicKey[]
  /** How many of them must sign. */
  readonly threshold: number
  /** Replaces the policy version below which laptops go back no more; null: theirs goes on counting. */
  readonly minVersion: number | null
}

/** A trust document as it was signed, and the signatures over it; none is verified yet. */
export interface OpenedTrust {
  readonly jws: Jws
  /** SHA-256 of the payload: what laptops pin. Another signature does not change it. */
  readonly digest: string
}

const integer = v.pipe(
  v.number(),
  v.integer('this must be a whole number'),
  v.minValue(1, 'this must be at least 1'),
  v.maxValue(MAX_VERSION, `this must be at most ${MAX_VERSION}`),
)

const TrustFile = v.strictObject({
  apiVersion: v.literal('hoopctl/v1'),
  kind: v.literal('Trust'),
  number: integer,
  threshold: integer,
  signers: v.pipe(
    v.array(v.string()),
    v.minLength(1, 'somebody must be able to sign'),
    v.maxLength(100, 'at most 100 keys can be trusted'),
  ),
  minVersion: v.optional(integer),
})

/** Takes a trust document apart as far as can be done before anybody is trusted: its YAML is not looked at. Never throws. */
export function openTrust(
  bytes: Uint8Array,
): ({ readonly ok: true } & OpenedTrust) | { readonly ok: false; readonly why: string } {
  const read = readJws(bytes, 'hoopctl-trust+yaml', MAX_TRUST_BYTES)
  return read.ok
    ? { ok: true, jws: read.jws, digest: sha256(read.jws.payload) }
    : { ok: false, why: read.why }
}

/** Writes a trust document as the YAML that is signed. */
export function trustYaml({ number, signers, threshold, minVersion }: TrustDocument): string {
  return [
    'apiVersion: hoopctl/v1',
    'kind: Trust',
    `number: ${number}`,
    `threshold: ${threshold}`,
    'signers:',
    ...signers.map(({ id }) => `  - ${id}`),
    ...(minVersion === null ? [] : [`minVersion: ${minVersion}`]),
    '',
  ].join('\n')
}

/** Reads the YAML of a trust document as strictly as a policy. */
export function parseTrust(
  payload: Uint8Array,
): { readonly ok: true; readonly document: TrustDocument } | { readonly ok: false; readonly why: string } {
  const { source, problem } = decodeSource(payload, 'payload')
  if (problem !== null) return { ok: false, why: problem.message }
  const { root, problems } = parseYaml(source)
  if (root === null) return fault(problems)
  const shape = checkShape(TrustFile, root, plainValue(root), source)
  if (shape.output === null) return fault(shape.problems)
  const { number, threshold, minVersion } = shape.output
  const list = new ProblemList(source, root)
  const signers: PublicKey[] = []
  for (const [index, text] of shape.output.signers.entries()) {
    const parsed = parsePublicKey(text)
    const twice = signers.some(({ id }) => id === text)
    if (!parsed.ok) list.atValue(['signers', index], parsed.why)
    else if (twice) list.atValue(['signers', index], 'this key stands here twice, and counts once')
    else signers.push(parsed.key)
  }
  if (threshold > shape.output.signers.length) {
    list.at(
      nodeAt(root, ['threshold']).offset,
      'more keys must sign than there are, so nothing could be signed',
    )
  }
  if (list.hasErrors) return fault(list.sorted())
  return { ok: true, document: { number, threshold, signers, minVersion: minVersion ?? null } }
}

function fault(problems: readonly { line: number; message: string }[]): { ok: false; why: string } {
  const [first] = problems
  return {
    ok: false,
    why: `line ${first?.line ?? 1} of its payload: ${first?.message ?? 'it cannot be read'}`,
  }
}
