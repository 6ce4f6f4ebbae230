import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type Trust, verifyLink } from '../../src/policy/trust-chain.ts'

export const NOW = new Date('2026-11-21T09:30:00Z')
export const POLICY_TYPE = 'hoopctl-policy+yaml'
export const TRUST_TYPE = 'hoopctl-trust+yaml'

/** Somebody with a key. */
export interface Person {
  readonly id: string
  readonly key: KeyObject
}

/** Makes a key, without any of the code under test. */
export function person(): Person {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  return { id: `ed25519:${raw.toString('base64url')}`, key: privateKey }
}

/** How a signature is made; what is left out is as it should be. */
export interface Making {
  readonly by: Person
  readonly type?: string
  /** Members beside or instead of `alg` and `typ`; undefined takes one away. */
  readonly header?: Readonly<Record<string, unknown>>
  /** The protected header as text, for what no object can say. */
  readonly headerText?: string
  readonly unprotected?: Readonly<Record<string, unknown>>
  /** What is signed, where it is not what stands in the file. */
  readonly over?: string
}

/** Makes one entry of `signatures`. */
export function signature(payload: string | Uint8Array, making: Making): Record<string, unknown> {
  const { by, type = POLICY_TYPE, header, headerText, unprotected, over } = making
  const text = headerText ?? JSON.stringify({ alg: 'EdDSA', typ: type, ...header })
  const encoded = base64url(text)
  const input = `${encoded}.${base64url(over ?? payload)}`
  const made = { protected: encoded, signature: sign(null, Buffer.from(input), by.key).toString('base64url') }
  return unprotected === undefined ? made : { ...made, header: unprotected }
}

/** Makes a file of a payload and entries of `signatures`. */
export function jws(payload: string | Uint8Array, signatures: readonly unknown[], more: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ payload: base64url(payload), signatures, ...more }))
}

/** Makes the YAML of a trust document. */
export function trustText(number: number, threshold: number, people: readonly Person[], more = ''): string {
  const ids = people.map(({ id }) => `"${id}"`).join(', ')
  return `apiVersion: hoopctl/v1\nkind: Trust\nnumber: ${number}\nthreshold: ${threshold}\nsigners: [${ids}]\n${more}`
}

/** Makes a signed trust document. */
export function trustFile(text: string, signers: readonly Person[]): Buffer {
  return jws(
    text,
    signers.map((by) => signature(text, { by, type: TRUST_TYPE })),
  )
}

/** Makes the trust in these people. */
export function trustIn(people: readonly Person[], threshold = 1, more = ''): Trust {
  const verified = verifyLink(trustFile(trustText(1, threshold, people, more), people), null)
  if (!verified.ok) throw new Error(verified.why)
  return verified.trust
}

/** Makes the YAML of a policy that may be signed. */
export function signedText(metadata = 'name: acme, version: 7, expires: 2026-12-20T00:00:00Z'): string {
  return [
    'apiVersion: hoopctl/v1\nkind: Policy',
    `metadata: { ${metadata} }`,
    'identity: { issuer: https://login.acme.example, clientId: hoopctl }',
    'rules:\n  - allow: { tool: read_file }\n',
  ].join('\n')
}

/** Encodes as base64url. */
export function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
