import type { Claims } from '../sign-in.ts'
import { parseStrictJson } from '../strict-json.ts'
import { isObject } from './provider-json.ts'

/** A token taken apart. Nothing in it is checked yet. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Claims
}

export type ReadJwt = { readonly ok: true; readonly jwt: Jwt } | { readonly ok: false; readonly why: string }

/** Tokens are kept in keychains and sent with requests; one of 200 groups has about ten kilobytes. */
export const MAX_TOKEN_BYTES = 32 * 1024

/** Takes a signed token apart (RFC 7515, section 7.1). Both parts must be JSON objects in which no key stands twice. */
export function readJwt(token: string): ReadJwt {
  if (token.length > MAX_TOKEN_BYTES) return { ok: false, why: `it has more than ${MAX_TOKEN_BYTES} bytes` }
  const parts = token.split('.')
  if (parts.length === 5) return { ok: false, why: 'it is encrypted, which hoopctl does not read' }
  // An empty third part is that of `alg: none`, which has words of its own.
  if (parts.length !== 3 || !parts.every(isBase64Url)) {
    return { ok: false, why: 'it is not a signed JWT' }
  }
  const header = readPart(parts[0] ?? '', 'header')
  if (!header.ok) return header
  const claims = readPart(parts[1] ?? '', 'payload')
  if (!claims.ok) return claims
  return { ok: true, jwt: { header: header.value, claims: claims.value } }
}

// Bits that decoding drops would let one token be spelled in several ways.
function isBase64Url(part: string): boolean {
  return /^[\w-]*$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part
}

type Part =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string }

function readPart(part: string, name: string): Part {
  const parsed = parseStrictJson(Buffer.from(part, 'base64url'), { fold: false })
  if (!parsed.ok) return { ok: false, why: `of its ${name}, ${parsed.why}` }
  if (!isObject(parsed.value)) return { ok: false, why: `its ${name} is no JSON object` }
  return { ok: true, value: parsed.value }
}
