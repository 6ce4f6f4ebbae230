import { type Trust, trustDigest, verifyLink } from '../../policy/trust-chain.ts'
import type { VersionMarks } from '../../state/version-marks.ts'
import { Refusal } from './refusal.ts'

/** A trust document that was verified, as the successor of the one before it. */
export interface Link {
  readonly bytes: Uint8Array
  /** Whom the chain up to here trusts. */
  readonly trust: Trust
}

/** Follows documents from the pinned one on; those before it are passed over. Throws a Refusal; no documents are no links. */
export function followLinks(pinned: string, documents: readonly Uint8Array[]): readonly Link[] {
  const start = documents.findIndex((bytes) => trustDigest(bytes) === pinned)
  if (start === -1 && documents.length > 0) {
    throw new Refusal('trust', 'none of the trust documents that are kept here has the digest that is pinned')
  }
  const links: Link[] = []
  for (const bytes of documents.slice(Math.max(0, start))) links.push(nextLink(bytes, links.at(-1) ?? null))
  return links
}

/** Verifies a document as the next one. Throws a Refusal. */
export function nextLink(bytes: Uint8Array, before: Link | null): Link {
  const verified = verifyLink(bytes, before?.trust ?? null)
  if (verified.ok) return { bytes, trust: verified.trust }
  const which =
    before === null ? 'the pinned trust document' : `the trust document after ${before.trust.number}`
  throw new Refusal('trust', `${which} cannot be used: ${verified.why}`)
}

/** Refuses a chain that ends before one that was seen, or differs from it. Throws a Refusal. */
export function refuseSeenLinks(links: readonly Link[], key: string, marks: VersionMarks): void {
  const newest = links.at(-1)
  if (newest === undefined) return
  const { number, digest } = newest.trust
  const standing = marks.checkTrust(key, number, digest)
  if (standing === 'differs')
    throw new Refusal('trust', `trust document ${number} was seen with other contents`)
  if (standing !== 'older') return
  const seen = marks.trustNumber(key) ?? 0
  throw new Refusal(
    'trust',
    `the chain ends with trust document ${number}, and ${seen} was seen: it goes back`,
  )
}

/** Marks verified documents as seen, in the order of their numbers; what a new one says of versions counts from then on. */
export function markLinks(links: readonly Link[], key: string, marks: VersionMarks): void {
  const newest = links.at(-1)
  if (newest === undefined || marks.checkTrust(key, newest.trust.number, newest.trust.digest) === 'same')
    return
  for (const { trust } of links) {
    const minVersion = trust.floor?.since === trust.number ? trust.floor.minVersion : null
    marks.raiseTrust(key, trust.number, trust.digest, minVersion)
  }
}
