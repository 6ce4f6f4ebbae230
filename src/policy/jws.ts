import { sign, type KeyObject } from 'node:crypto'
import { parseStrictJson } from '../strict-json.ts'
import { shorten } from '../visible.ts'
import { decodeBase64url } from './base64url.ts'
import { publicKeyId } from './public-key.ts'

/** What a signature is about. It stands in the protected header, so one can never pass for the other. */
export type SignedType = 'hoopctl-policy+yaml' | 'hoopctl-trust+yaml'

/** Bytes and the signatures over them, of whoever: nothing is verified yet. */
export interface Jws {
  readonly payload: Uint8Array
  /** The payload as the signatures cover it: base64url in ASCII. */
  readonly encoded: string
  readonly signatures: readonly JwsSignature[]
}

/** One signature, as it stands in the file. */
export interface JwsSignature {
  readonly protected: string
  readonly signature: string
  /** Which key it says it is by: a hint that proves nothing; null: it does not say. */
  readonly kid: string | null
}

export type ReadJws =
  | { readonly ok: true; readonly jws: Jws }
  | { readonly ok: false; readonly code: 'format' | 'algorithm'; readonly why: string }

const MAX_SIGNATURES = 100
// RFC 8037 calls it EdDSA, which leaves the curve to the key; RFC 9864 calls it Ed25519. Everything else is refused, so
// nothing can be signed by an algorithm that a verifier takes from the file (RFC 8725, section 3.1).
const ALGORITHMS: readonly unknown[] = ['EdDSA', 'Ed25519']

/**
 * Reads a JWS in general JSON serialization (RFC 7515, section 7.2.1), more strictly than the RFC: every header must be
 * one that we know, because one that is passed over (`crit`, `b64`, `jwk`) is how verifiers of the field were deceived.
 */
export function readJws(bytes: Uint8Array, type: SignedType, maxBytes: number): ReadJws {
  if (bytes.length > maxBytes) return malformed(`it is larger than ${maxBytes / 1024} KiB`)
  const json = parseStrictJson(bytes, { fold: true })
  if (!json.ok) return malformed(json.why)
  const outer = membersOf(json.value, ['payload', 'signatures'])
  if (!outer.ok) return malformed(`it is no JWS in general JSON serialization: ${outer.why}`)
  const { payload: encoded, signatures: listed } = outer.members
  const payload = typeof encoded === 'string' ? decodeBase64url(encoded) : null
  if (typeof encoded !== 'string' || payload === null) return malformed('its `payload` is no base64url')
  if (!Array.isArray(listed) || listed.length === 0) return malformed('it has no signatures')
  if (listed.length > MAX_SIGNATURES) return malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  const signatures: JwsSignature[] = []
  for (const [index, entry] of (listed as unknown[]).entries()) {
    const read = readSignature(entry, type)
    if (!read.ok) return { ...read, why: `signature ${index + 1}: ${read.why}` }
    signatures.push(read.signature)
  }
  return { ok: true, jws: { payload, encoded, signatures } }
}

/** Gives the bytes that a signature covers (RFC 7515, section 5.1): its protected header and the payload, both encoded. */
export function signedBytes(protectedHeader: string, encodedPayload: string): Buffer {
  return Buffer.from(`${protectedHeader}.${encodedPayload}`, 'ascii')
}

/** Signs bytes with an Ed25519 private key, for what `type` says and nothing else. */
export function signJws(payload: Uint8Array, type: SignedType, key: KeyObject): JwsSignature {
  const kid = publicKeyId(key)
  const header = encode(JSON.stringify({ alg: 'EdDSA', typ: type, kid }))
  const signature = sign(null, signedBytes(header, encode(payload)), key).toString('base64url')
  return { protected: header, signature, kid }
}

/** Writes a payload and its signatures as a file. The `kid` is in the protected header. */
export function writeJws(payload: Uint8Array, signatures: readonly JwsSignature[]): string {
  const listed = signatures.map((entry) => ({ protected: entry.protected, signature: entry.signature }))
  return `${JSON.stringify({ payload: encode(payload), signatures: listed }, null, 2)}\n`
}

type ReadSignature =
  | { readonly ok: true; readonly signature: JwsSignature }
  | { readonly ok: false; readonly code: 'format' | 'algorithm'; readonly why: string }

function readSignature(entry: unknown, type: SignedType): ReadSignature {
  const outer = membersOf(entry, ['protected', 'signature'], ['header'])
  if (!outer.ok) return malformed(outer.why)
  const { protected: encoded, signature, header } = outer.members
  const bytes = typeof encoded === 'string' ? decodeBase64url(encoded) : null
  if (typeof encoded !== 'string' || bytes === null) return malformed('`protected` is no base64url')
  const json = parseStrictJson(bytes, { fold: true })
  if (!json.ok) return malformed(`the protected header cannot be read: ${json.why}`)
  const inner = membersOf(json.value, ['alg', 'typ'], ['kid'])
  if (!inner.ok) return malformed(`in the protected header, ${inner.why}`)
  const open = membersOf(header ?? {}, [], ['kid'])
  if (!open.ok) return malformed(`in the header that nobody signed, ${open.why}`)
  const { alg, typ, kid } = inner.members
  if (!ALGORITHMS.includes(alg)) {
    return { ok: false, code: 'algorithm', why: `only Ed25519 counts, not ${quotedWord(alg)}` }
  }
  if (typ !== type) return malformed(`it was made for ${quotedWord(typ)}, not for \`${type}\``)
  if (typeof signature !== 'string' || decodeBase64url(signature)?.length !== 64) {
    return malformed('`signature` is not 64 bytes in base64url')
  }
  // RFC 7515, section 7.2.1: a name stands in one of the two headers only.
  if (kid !== undefined && open.members['kid'] !== undefined) return malformed('`kid` stands in both headers')
  const told = kid ?? open.members['kid']
  if (told !== undefined && typeof told !== 'string') return malformed('`kid` is no text')
  return { ok: true, signature: { protected: encoded, signature, kid: told ?? null } }
}

type Members =
  | { readonly ok: true; readonly members: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string }

function membersOf(value: unknown, needed: readonly string[], allowed: readonly string[] = []): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, why: 'there is no object where one belongs' }
  }
  const members = Object.assign(Object.create(null) as Record<string, unknown>, value)
  const missing = needed.find((name) => !Object.hasOwn(members, name))
  if (missing !== undefined) return { ok: false, why: `\`${missing}\` is missing` }
  const known = [...needed, ...allowed]
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown === undefined) return { ok: true, members }
  return { ok: false, why: `${quotedWord(unknown)} is not known here` }
}

function malformed(why: string): { readonly ok: false; readonly code: 'format'; readonly why: string } {
  return { ok: false, code: 'format', why }
}

// Whoever wrote the file chose this; it may have megabytes.
function quotedWord(value: unknown): string {
  return typeof value === 'string' ? `\`${shorten(value)}\`` : 'what is no text'
}

function encode(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString('base64url')
}
