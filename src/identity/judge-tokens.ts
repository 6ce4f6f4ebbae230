import type { NoSignIn, SignIn } from '../sign-in.ts'
import { LOGIN } from './sign-in-failed.ts'
import type { TokenStore } from './token-store.ts'
import type { Tokens } from './tokens.ts'

const DUE_MS = 15 * 60_000

// The clock may have been corrected a little since.
const SKEW_MS = 60_000

/** Tells whether claims should be renewed: 15 minutes after the provider last confirmed them, or when the clock went back. */
export function isDue({ confirmed }: Tokens, now: Date): boolean {
  const age = now.getTime() - confirmed.getTime()
  return age >= DUE_MS || age < -SKEW_MS
}

/** Judges whether what is kept still counts: for `maxAgeMs` after the provider last confirmed it. */
export function judgeTokens(
  tokens: Tokens,
  maxAgeMs: number,
  store: TokenStore['kind'],
  now: Date,
): SignIn | NoSignIn {
  const { issuer, clientId, claims, confirmed } = tokens
  const age = now.getTime() - confirmed.getTime()
  // A clock that is set back would make claims last for ever.
  if (age < -SKEW_MS) {
    return { kind: 'expired', why: 'the sign-in is from the future: this clock was set back', hint: LOGIN }
  }
  if (age >= maxAgeMs) {
    return { kind: 'expired', why: 'the provider has not confirmed the sign-in for too long', hint: LOGIN }
  }
  return { issuer, clientId, kind: 'human', claims, confirmed, store }
}
