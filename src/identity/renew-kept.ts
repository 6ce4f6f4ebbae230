import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import { hasLittleToLose } from './judge-tokens.ts'
import { noteLost } from './lost-answer.ts'
import type { Provider } from './provider.ts'
import { refreshTokens } from './refresh.ts'
import { LOGIN } from './sign-in-failed.ts'
import type { TokenStore } from './token-store.ts'
import { accountOf, type KeptTokens, sealEnd, sealTokens, type Tokens } from './tokens.ts'

/** A renewal of what is kept, by whoever holds the lock. */
export interface KeptRenewal {
  readonly kept: KeptTokens
  readonly maxAgeMs: number
  readonly store: TokenStore
  readonly http: HttpClient
  readonly now: () => Date
  readonly discover: (issuer: string) => Promise<Provider>
  /** Called when the provider says that the sign-in has ended; calls `keep`, which writes that down. */
  readonly onEnded: (tokens: Tokens, keep: () => Promise<void>) => Promise<void>
}

/**
 * Renews a kept sign-in, and writes everything before it returns. Gives why the claims were not confirmed; null: they were,
 * or the sign-in has ended. Throws UNREACHABLE and SIGN_IN_FAILED where the provider is not found, KEYCHAIN.
 */
export async function renewKept(renewal: KeptRenewal): Promise<HoopctlError | null> {
  const { kept, maxAgeMs, store, http, now, discover, onEnded } = renewal
  const { tokens, spending } = kept
  const { refreshToken } = tokens
  if (refreshToken === null) return null
  // Whoever held the lock before died on the way, got no answer, or could not keep it. If the provider has taken the token,
  // sending it again would end the sign-in for all; so it is sent only once the claims are about to end anyway.
  if (spending && !hasLittleToLose(tokens, maxAgeMs, now())) return maybeSpent()
  const provider = await discover(tokens.issuer)
  const write = (latest: Tokens) => store.set(accountOf(latest), sealTokens(latest))
  // Also, a store that cannot be written is found out before the refresh token is spent.
  await store.set(accountOf(tokens), sealTokens(tokens, { spending: true }))
  const noting = noteLost(http)
  const request = { tokens, refreshToken, provider, http: noting.http, now, onRotated: write }
  const refreshed = await refreshTokens(request)
  switch (refreshed.kind) {
    case 'renewed':
      await write(refreshed.tokens)
      return null
    case 'ended':
      await onEnded(tokens, () => store.set(accountOf(tokens), sealEnd(tokens)))
      return null
    case 'kept':
      // This process has kept what it was given. What it was not given, where the answer was lost, nobody knows, nor what an
      // earlier process was.
      if (!spending && !noting.isLost()) await write(refreshed.tokens)
      return refreshed.fault
  }
}

/** Says that a refresh token is not sent, because it may have been spent: its sender died, got no answer, or could not keep it. */
export function maybeSpent(): HoopctlError {
  const message =
    'a renewal of the sign-in was broken off, and the provider may have replaced the refresh token: sending it again could end the sign-in'
  const hint = `go on until the sign-in no longer counts, or ${LOGIN}`
  return new HoopctlError('NOT_SIGNED_IN', message, { hint })
}
