import { type Trust, trustDigest, type VerifiedTrust, verifyLink } from '../../src/policy/trust-chain.ts'

/**
 * Follows trust documents from the pinned one to the last: each number is one more than the one before, and each is
 * signed by the threshold of the one before and by its own. What stands before the pinned one is passed over. Never throws.
 * @param options.highest the highest number that this laptop has seen: a chain that ends before it is refused
 */
export function verifyTrustChain(
  pinnedDigest: string,
  documents: readonly Uint8Array[],
  { highest = 0 }: { readonly highest?: number } = {},
): VerifiedTrust {
  const start = documents.findIndex((bytes) => trustDigest(bytes) === pinnedDigest)
  if (start === -1) return refused('none of its trust documents has the digest that is pinned')
  let trust: Trust | null = null
  for (const bytes of documents.slice(start)) {
    const next = verifyLink(bytes, trust)
    if (!next.ok) {
      const which = trust === null ? 'the pinned trust document' : `the trust document after ${trust.number}`
      return refused(`${which} cannot be used: ${next.why}`)
    }
    trust = next.trust
  }
  if (trust === null) return refused('there is no trust document')
  if (trust.number >= highest) return { ok: true, trust }
  return refused(`it ends with trust document ${trust.number}, and ${highest} was seen: it goes back`)
}

function refused(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}
