import type { PublicKey } from './public-key.ts'
import { signersOf } from './signers.ts'
import { openTrust, parseTrust } from './trust-document.ts'

/** Whom a laptop trusts to sign policies, after following the chain from the document that it pinned. */
export interface Trust {
  /** The number of the newest document. */
  readonly number: number
  readonly digest: string
  readonly signers: readonly PublicKey[]
  readonly threshold: number
  /** The last word of the chain on how far versions may go back; null: nothing was said. */
  readonly floor: { readonly minVersion: number; readonly since: number } | null
}

export type VerifiedTrust =
  | { readonly ok: true; readonly trust: Trust }
  | { readonly ok: false; readonly why: string }

/** Tells the digest that pins a trust document: SHA-256 of its payload; null where the bytes are no signed document. */
export function trustDigest(bytes: Uint8Array): string | null {
  const opened = openTrust(bytes)
  return opened.ok ? opened.digest : null
}

/**
 * Verifies one trust document as the successor of what is trusted so far. Its YAML is not even parsed before the keys of
 * the one before have signed it.
 * @param before null: the document was pinned, or handed over by the person who trusts it
 */
export function verifyLink(bytes: Uint8Array, before: Trust | null): VerifiedTrust {
  const opened = openTrust(bytes)
  if (!opened.ok) return opened
  const { jws, digest } = opened
  const theirs = before === null ? 0 : missing(before, signersOf(jws, before.signers).by)
  if (theirs > 0) return refused(lacking(theirs, before, 'keys of the one before'))
  const parsed = parseTrust(jws.payload)
  if (!parsed.ok) return parsed
  const { number, signers, threshold, minVersion } = parsed.document
  if (before !== null && number !== before.number + 1) {
    return refused(`it has the number ${number}, which does not follow on ${before.number}`)
  }
  const own = missing(parsed.document, signersOf(jws, signers).by)
  if (own > 0) return refused(lacking(own, parsed.document, 'its own keys'))
  const floor = minVersion === null ? (before?.floor ?? null) : { minVersion, since: number }
  return { ok: true, trust: { number, digest, signers, threshold, floor } }
}

/** Counts the signatures that a threshold still lacks. */
export function missing({ threshold }: { readonly threshold: number }, by: ReadonlySet<string>): number {
  return Math.max(0, threshold - by.size)
}

function lacking(count: number, of: { readonly threshold: number } | null, whose: string): string {
  return `${count} of the ${of?.threshold ?? 0} signatures by ${whose} are missing`
}

function refused(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}
