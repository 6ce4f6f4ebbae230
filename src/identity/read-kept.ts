import type { NoSignIn } from '../sign-in.ts'
import { LOGIN } from './sign-in-failed.ts'
import type { TokenStore } from './token-store.ts'
import { accountOf, type Kept, openTokens, type Tokens } from './tokens.ts'

/** Reads what is kept of the sign-in at one issuer and client. Throws KEYCHAIN. */
export async function readKept(
  store: TokenStore,
  of: Pick<Tokens, 'issuer' | 'clientId'>,
): Promise<Kept | NoSignIn> {
  const entry = await store.get(accountOf(of))
  if (entry === null) return { kind: 'none', why: 'nobody is signed in', hint: LOGIN }
  const refused = { kind: 'refused', why: 'what is kept of the sign-in is damaged', hint: LOGIN } as const
  return openTokens(entry, of) ?? refused
}

/** Says why nobody is signed in where no tokens were read. */
export function gone(kept: NoSignIn | { readonly kind: 'ended' }): NoSignIn {
  if ('why' in kept) return kept
  return { kind: 'ended', why: 'the provider has ended this sign-in', hint: LOGIN }
}
