import type { NoSignIn, SignIn } from '../sign-in.ts'
import { claimFault } from './claim-fault.ts'
import { headerFault } from './header-fault.ts'
import { readJwt } from './read-jwt.ts'
import { LOGIN } from './sign-in-failed.ts'
import type { TokenStore } from './token-store.ts'
import type { Tokens } from './tokens.ts'

const DUE_MS = 15 * 60_000
const LAST_MS = 15 * 60_000
const ASK_MS = 60_000
// Each time, what is kept is read.
const LEAST_ASK_MS = 1000

// The clock may have been corrected a little since.
const SKEW_MS = 60_000

/**
 * Tells whether claims should be renewed: 15 minutes after the provider last confirmed them, or half of `maxAgeMs` where that
 * is sooner, or when the clock went back.
 */
export function isDue({ confirmed }: Tokens, maxAgeMs: number, now: Date): boolean {
  const age = now.getTime() - confirmed.getTime()
  return age >= Math.min(DUE_MS, maxAgeMs / 2) || age < -SKEW_MS
}

/**
 * Says how often a process that runs asks whether a renewal is due, and tries again after one that failed: once a minute, or
 * several times in the half of `maxAgeMs` that is left then.
 */
export function askEveryMs(maxAgeMs: number): number {
  return Math.min(ASK_MS, Math.max(LEAST_ASK_MS, maxAgeMs / 8))
}

/**
 * Tells whether claims are about to end unless they are renewed, or have: what could end the sign-in may be tried then. In the
 * last 15 minutes of `maxAgeMs`, or its last quarter where that is shorter.
 */
export function hasLittleToLose({ confirmed }: Tokens, maxAgeMs: number, now: Date): boolean {
  const age = now.getTime() - confirmed.getTime()
  return age >= maxAgeMs - Math.min(LAST_MS, maxAgeMs / 4) || age < -SKEW_MS
}

/**
 * Judges whether what is kept still counts: for `maxAgeMs` after the provider last confirmed it. All of it is checked that
 * can be without the network; whose signature it is, `SignIns.verify` tells.
 */
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
  const fault = keptFault(tokens)
  if (fault !== null) {
    return { kind: 'refused', why: `what is kept of the sign-in is refused: ${fault}`, hint: LOGIN }
  }
  return { issuer, clientId, kind: 'human', claims, confirmed, store }
}

// As of when it was kept: `confirmed` is what somebody wrote, the token's own times are not.
function keptFault({ issuer, clientId, idToken, claims, confirmed }: Tokens): string | null {
  const read = readJwt(idToken.reveal())
  if (!read.ok) return read.why
  const checks = { issuer, clientId, justIssued: true, now: confirmed }
  return headerFault(read.jwt.header, null, ['JWT']) ?? claimFault(claims, checks)
}
