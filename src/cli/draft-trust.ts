import { sha256 } from '../digest.ts'
import { HoopctlError } from '../errors.ts'
import { type PublicKey, parsePublicKey } from '../policy/public-key.ts'
import type { Trust } from '../policy/trust-chain.ts'
import {
  MAX_TRUST_BYTES,
  MAX_VERSION,
  type OpenedTrust,
  openTrust,
  parseTrust,
  type TrustDocument,
  trustYaml,
} from '../policy/trust-document.ts'
import type { SigningKey } from './signing-keys.ts'
import { readIfThere } from './small-file.ts'

/** What a person says of a trust document. */
export interface Wanted {
  readonly out: string
  readonly signer?: readonly string[]
  readonly threshold?: number
  readonly minVersion?: number
}

/** A trust document, with the signatures that it has so far. */
export type DraftedTrust = OpenedTrust & { readonly document: TrustDocument }

/**
 * Makes a trust document that nobody has signed. At first it trusts the keys that sign it and those of --signer; later
 * those of --signer alone, so that a key can sign its own end; without --signer, those before and the keys that sign it.
 */
export function draftTrust(
  wanted: Wanted,
  keys: readonly SigningKey[],
  previous: Trust | null,
): DraftedTrust {
  const named = wanted.signer?.map(publicKey)
  const own = keys.map(({ id }) => publicKey(id))
  const before = previous?.signers ?? []
  const all = previous !== null && named !== undefined ? named : [...before, ...own, ...(named ?? [])]
  const signers = all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index)
  const threshold = wanted.threshold ?? previous?.threshold ?? 1
  const number = (previous?.number ?? 0) + 1
  const yaml = trustYaml({ number, signers, threshold, minVersion: wanted.minVersion ?? null })
  const payload = Buffer.from(yaml)
  const parsed = parseTrust(payload) // also by our own hand nothing is written that nobody would take
  if (!parsed.ok) {
    const hint = `name the keys with --signer and how many must sign with --threshold, up to ${MAX_VERSION}`
    throw new HoopctlError('INPUT_INVALID', `this would be no trust document: ${parsed.why}`, { hint })
  }
  const encoded = payload.toString('base64url')
  return {
    document: parsed.document,
    digest: sha256(payload),
    jws: { payload, encoded, signatures: [] },
  }
}

/** Reads the trust document that is to be signed by one more; null where there is none yet. */
export function trustThere(path: string, wanted: Wanted, previous: Trust | null): DraftedTrust | null {
  const file = readIfThere(path, wanted.out, MAX_TRUST_BYTES)
  if (file === null) return null
  const opened = openTrust(file.bytes)
  const parsed = opened.ok ? parseTrust(opened.jws.payload) : opened
  if (!opened.ok || !parsed.ok) {
    const why = opened.ok ? (parsed.ok ? '' : parsed.why) : opened.why
    throw taken('INPUT_INVALID', wanted.out, `it is no trust document: ${why}`, 'write to another file')
  }
  const { number } = parsed.document
  if ([wanted.signer, wanted.threshold, wanted.minVersion].some((option) => option !== undefined)) {
    const hint =
      'leave out --signer, --threshold and --min-version to sign it as it is, or write to another file'
    throw taken('USAGE', wanted.out, `it is trust document ${number}, and signatures hold for its text`, hint)
  }
  if (number - 1 !== (previous?.number ?? number - 1) || (number > 1 && previous === null)) {
    const hint = `give trust document ${number - 1} as --previous`
    throw taken('USAGE', wanted.out, `it is trust document ${number}, whose predecessor signs it too`, hint)
  }
  return { ...opened, document: parsed.document }
}

function publicKey(text: string): PublicKey {
  const parsed = parsePublicKey(text)
  if (parsed.ok) return parsed.key
  const hint = 'give what `policy keygen` printed: ed25519:…'
  throw new HoopctlError('INPUT_INVALID', `\`${text}\` cannot be trusted: ${parsed.why}`, { hint })
}

function taken(code: 'USAGE' | 'INPUT_INVALID', file: string, why: string, hint: string): HoopctlError {
  return new HoopctlError(code, `\`${file}\` is not replaced: ${why}`, { hint })
}
