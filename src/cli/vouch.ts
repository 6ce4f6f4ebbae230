import { HoopctlError } from '../errors.ts'
import { signJws, writeJws } from '../policy/jws.ts'
import { signersOf } from '../policy/signers.ts'
import { missing, type Trust } from '../policy/trust-chain.ts'
import type { TrustDocument } from '../policy/trust-document.ts'
import type { DraftedTrust } from './draft-trust.ts'
import type { SigningKey } from './signing-keys.ts'

/** A trust document with more signatures. */
export interface Vouched {
  /** The file's whole text. */
  readonly text: string
  readonly digest: string
  readonly document: TrustDocument
  /** The keys, of its own and of the one before, that have signed it. */
  readonly signed: readonly string[]
  /** How many of its own keys still have to. */
  readonly missing: number
  /** How many of the keys of the one before still have to. */
  readonly missingBefore: number
}

/** Signs a trust document. Throws where a key is neither its own nor of the one before: its signature would mean nothing. */
export function vouch(draft: DraftedTrust, keys: readonly SigningKey[], previous: Trust | null): Vouched {
  const { document, digest, jws } = draft
  const before = previous?.signers ?? []
  const counting = [...document.signers, ...before]
  const stranger = keys.find(({ id }) => !counting.some((signer) => signer.id === id))
  if (stranger !== undefined) {
    const message = `\`${stranger.file}\` is not among the keys of trust document ${document.number}, nor of one before`
    const hint = `name its public key with --signer: ${stranger.id}`
    throw new HoopctlError('INPUT_INVALID', message, { hint })
  }
  const added = keys.map(({ key }) => signJws(jws.payload, 'hoopctl-trust+yaml', key))
  const kept = jws.signatures.filter(({ kid }) => !added.some((signature) => signature.kid === kid))
  const signatures = [...kept, ...added]
  const whole = { ...jws, signatures }
  const own = signersOf(whole, document.signers).by
  const theirs = signersOf(whole, before).by
  return {
    text: writeJws(jws.payload, signatures),
    digest,
    document,
    signed: [...new Set([...own, ...theirs])],
    missing: missing(document, own),
    missingBefore: previous === null ? 0 : missing(previous, theirs),
  }
}
