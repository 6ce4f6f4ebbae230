import type { Claims } from '../sign-in.ts'

/**
 * Says, in one clause, that a person signed in by other means than are wanted (`acr`); null: by one of these, or none is
 * wanted. `acr_values` is a wish, which a provider may pass over: only what its token says counts (OpenID Connect Core 1.0,
 * section 3.1.2.1).
 */
export function acrFault({ acr }: Claims, wanted: readonly string[]): string | null {
  if (wanted.length === 0 || (typeof acr === 'string' && wanted.includes(acr))) return null
  return 'the person signed in by weaker means than the policy wants (`acr`)'
}
