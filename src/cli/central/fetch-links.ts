import { HoopctlError } from '../../errors.ts'
import { trustDigest } from '../../policy/trust-chain.ts'
import { MAX_TRUST_BYTES } from '../../policy/trust-document.ts'
import type { ObjectSource } from '../../remote/object-source.ts'
import { Refusal } from './refusal.ts'
import { type Link, nextLink } from './trust-links.ts'

const MAX_DOCUMENTS = 1000

interface Wanted {
  readonly pinned: string
  /** For messages. */
  readonly url: string
  /** The newest that is here; null: none is. */
  readonly before: Link | null
}

/**
 * Fetches the trust documents that follow on the newest one here, or on the pinned one: `trust/N.jws`, until there is
 * none. Throws a Refusal for one that cannot be the next, UNREACHABLE where there are none at all.
 */
export async function fetchLinks(
  source: ObjectSource,
  { pinned, url, before }: Wanted,
): Promise<readonly Link[]> {
  const links: Link[] = []
  let newest = before
  const first = (before?.trust.number ?? 0) + 1
  // A store that goes on for ever must not keep us for ever.
  for (let number = first; number < first + MAX_DOCUMENTS; number += 1) {
    const read = await source.read(`trust/${number}.jws`, null, MAX_TRUST_BYTES)
    if (read.status !== 'read') {
      if (number === 1) throw missingAt(url, 'trust/1.jws')
      break
    }
    // Older than the pinned one: nobody here has to trust it.
    if (newest === null && trustDigest(read.bytes) !== pinned) continue
    newest = nextLink(read.bytes, newest)
    refuseOtherNumber(newest, number)
    links.push(newest)
  }
  if (newest !== null) return links
  throw new Refusal('trust', `none of the trust documents beside ${url} has the digest that is pinned`)
}

/** Makes the error for something that the source does not have. */
export function missingAt(url: string, name: string): HoopctlError {
  const hint = 'check the URL; trust documents are beside the policy, in `trust/`'
  return new HoopctlError('UNREACHABLE', `there is no \`${name}\` at ${url}`, { hint })
}

function refuseOtherNumber({ trust }: Link, number: number): void {
  if (trust.number === number) return
  throw new Refusal(
    'trust',
    `\`trust/${number}.jws\` is trust document ${trust.number}: each has its own name`,
  )
}
