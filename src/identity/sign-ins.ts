import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import { DEFAULT_MAX_AGE_MS, type IdentitySettings } from '../identity-settings.ts'
import type { Secret } from '../secret.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import type { AccessToken, WantedToken } from './access-token.ts'
import { endedIdToken, endsSoon } from './ended-id-token.ts'
import { askEveryMs, isDue, judgeTokens } from './judge-tokens.ts'
import { discoverProvider, type Provider } from './provider.ts'
import { type KeepTokens, refreshForAccess } from './refresh-for-access.ts'
import { gone, readKept } from './read-kept.ts'
import { renewKept } from './renew-kept.ts'
import { revokeTokens } from './revoke.ts'
import type { TokenStore } from './token-store.ts'
import { accountOf, type KeptTokens, lockNameOf, openTokens, sealTokens, type Tokens } from './tokens.ts'
import { verifyIdToken } from './verify-id-token.ts'

/** What sign-ins need of the world. */
export interface SignInsOptions {
  readonly store: TokenStore
  readonly http: HttpClient
  readonly now: () => Date
  /** Does work while no other process does work under that name; throws where that takes longer than `waitMs`. */
  readonly withLock: <T>(name: string, waitMs: number, work: () => Promise<T>) => Promise<T>
  /** Called when the provider says that a sign-in has ended; calls `keep`, which writes that down, whatever else fails. */
  readonly onEnded: (tokens: Tokens, keep: () => Promise<void>) => Promise<void>
}

/** Which sign-in: a policy's `identity` names both. */
export type Named = Pick<IdentitySettings, 'issuer' | 'clientId'>

type Aged = Named & Pick<IdentitySettings, 'maxAgeMs'>

/** Who is signed in after a renewal, and why it was not renewed where that was tried in vain. */
export interface Renewal {
  readonly signIn: SignIn | NoSignIn
  readonly fault: HoopctlError | null
}

/** What the provider's keys say of a kept sign-in. */
export type Verdict = 'holds' | 'refused' | 'unreachable'

type Look =
  | { readonly counts: true; readonly signIn: SignIn; readonly tokens: Tokens }
  | { readonly counts: false; readonly signIn: NoSignIn; readonly tokens: Tokens | null }

// One refresh is at most three exchanges with the provider.
const LOCK_WAIT_MS = 60_000
const ANY_AGE_MS = Number.MAX_SAFE_INTEGER

/** The people's sign-ins of this machine, kept in one store by issuer and client. */
export class SignIns {
  readonly #options: SignInsOptions
  readonly #readFrom = new WeakMap<SignIn, Tokens>()
  #provider: Provider | null = null
  #failed: { readonly at: Date; readonly fault: HoopctlError } | null = null

  constructor(options: SignInsOptions) {
    this.#options = options
  }

  /** Tells who is signed in, from the store alone: no network. */
  async current(settings: Aged): Promise<SignIn | NoSignIn> {
    return (await this.#look(settings)).signIn
  }

  /**
   * Verifies the very token that a sign-in was read from, as of when it was confirmed, with keys that this process asks the
   * provider for: what is kept is whatever a program of this user wrote.
   */
  async verify(signIn: SignIn): Promise<Verdict> {
    const tokens = this.#readFrom.get(signIn)
    if (tokens === undefined) return 'refused' // it was not read here
    const { issuer, clientId, idToken, confirmed } = tokens
    try {
      const provider = await this.#discover(issuer).catch(orNull)
      if (provider === null) return 'unreachable' // whatever is wrong with it, it says nothing of the token
      await verifyIdToken(idToken.reveal(), { provider, clientId, now: confirmed })
      return 'holds'
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      return failure.code === 'SIGN_IN_FAILED' ? 'refused' : 'unreachable'
    }
  }

  /**
   * Gives the ID token that was verified last, of whatever age, for those who verify it themselves (AWS STS): renewed where it ends within a
   * minute, or its claims are due. Throws NOT_SIGNED_IN, SIGN_IN_FAILED, UNREACHABLE where it has ended and is not renewed.
   */
  async idToken(of: Named): Promise<Secret | NoSignIn> {
    const { now } = this.#options
    const { fault } = await this.#renewWhere(
      { ...of, maxAgeMs: DEFAULT_MAX_AGE_MS },
      (tokens) => isDue(tokens, DEFAULT_MAX_AGE_MS, now()) || endsSoon(tokens, now()),
    )
    const { counts, signIn, tokens } = await this.#look({ ...of, maxAgeMs: ANY_AGE_MS })
    if (!counts) return signIn
    const ended = endedIdToken(tokens, now(), fault)
    if (ended !== null) throw ended
    return tokens.idToken
  }

  /**
   * Has the provider make an access token for another service out of a kept sign-in, of whatever age: the provider says
   * whether it still holds. Throws NOT_SIGNED_IN, SIGN_IN_FAILED, UNREACHABLE, KEYCHAIN.
   */
  async accessToken(settings: Named, wanted: WantedToken): Promise<AccessToken | NoSignIn> {
    const { store, http, now } = this.#options
    return this.#locked(settings, async () => {
      const kept = await readKept(this.#options.store, settings)
      if (kept.kind !== 'tokens') return gone(kept)
      const provider = await this.#discover(settings.issuer)
      const keep: KeepTokens = (tokens, mark) => store.set(accountOf(tokens), sealTokens(tokens, mark))
      return refreshForAccess({ kept, provider, http, now, keep }, wanted)
    })
  }

  /**
   * Renews the claims where that is due (`isDue`): by one refresh, however many processes ask at once. A provider that cannot
   * be reached changes nothing, and is asked again after a minute, sooner where `maxAgeMs` is short.
   */
  async renewWhenDue(settings: Aged): Promise<Renewal> {
    return this.#renewWhere(settings, (tokens) => isDue(tokens, settings.maxAgeMs, this.#options.now()))
  }

  async #renewWhere(settings: Aged, isWanted: (tokens: Tokens) => boolean): Promise<Renewal> {
    const { now } = this.#options
    const { signIn, tokens } = await this.#look(settings)
    if (tokens === null || tokens.refreshToken === null || !isWanted(tokens)) return { signIn, fault: null }
    const failed = this.#failed
    const since = failed === null ? Infinity : now().getTime() - failed.at.getTime()
    if (failed !== null && since >= 0 && since < askEveryMs(settings.maxAgeMs))
      return { signIn, fault: failed.fault }
    const fault = await this.#renew(settings, isWanted)
    this.#failed = fault === null ? null : { at: now(), fault }
    return { signIn: await this.current(settings), fault }
  }

  /** Keeps what a sign-in gave, in place of what was kept for that issuer and client. */
  async keep(tokens: Tokens): Promise<void> {
    await this.#locked(tokens, () => this.#options.store.set(accountOf(tokens), sealTokens(tokens)))
    this.#failed = null
  }

  /**
   * Ends a sign-in: revokes it at the provider, and removes it from the store whatever the provider says. Gives `none` where
   * there was none; else why it could not be revoked, or null. An entry that cannot be opened, such as one whose passphrase
   * was forgotten, is removed as well. Throws KEYCHAIN where it cannot be removed.
   */
  async end(settings: Named): Promise<'none' | { readonly fault: HoopctlError | null }> {
    return this.#locked(settings, async () => {
      try {
        const entry = await this.#options.store.get(accountOf(settings))
        if (entry === null) return 'none'
        const kept = openTokens(entry, settings)
        return { fault: kept?.kind === 'tokens' ? await this.#revoke(kept.tokens) : null }
      } catch (failure) {
        if (failure instanceof HoopctlError && failure.code === 'KEYCHAIN') return { fault: failure }
        throw failure
      } finally {
        await this.#options.store.delete(accountOf(settings))
      }
    })
  }

  /** Removes a sign-in from the store and leaves it to end at the provider by itself. Throws KEYCHAIN where it cannot be removed. */
  async forget(settings: Named): Promise<void> {
    await this.#locked(settings, async () => this.#options.store.delete(accountOf(settings)))
  }

  async #look(settings: Aged): Promise<Look> {
    const { store, now } = this.#options
    try {
      const kept = await readKept(this.#options.store, settings)
      if (kept.kind !== 'tokens') return { counts: false, signIn: gone(kept), tokens: null }
      const { tokens } = kept
      const signIn = judgeTokens(tokens, settings.maxAgeMs, store.kind, now())
      if (!('claims' in signIn)) return { counts: false, signIn, tokens }
      this.#readFrom.set(signIn, tokens)
      return { counts: true, signIn, tokens }
    } catch (error) {
      if (!(error instanceof HoopctlError) || error.code !== 'KEYCHAIN') throw error
      const signIn = { kind: 'unreachable', why: error.message, hint: error.hint } as const
      return { counts: false, signIn, tokens: null }
    }
  }

  async #renew(settings: Aged, isWanted: (tokens: Tokens) => boolean): Promise<HoopctlError | null> {
    try {
      return await this.#locked(settings, async () => {
        // Whoever had the lock before may have renewed: a refresh token that is used twice signs everyone out.
        const kept = await readKept(this.#options.store, settings)
        const wanted = kept.kind === 'tokens' && isWanted(kept.tokens)
        return wanted ? this.#refresh(kept, settings.maxAgeMs) : null
      })
    } catch (error) {
      if (error instanceof HoopctlError) return error
      throw error
    }
  }

  async #refresh(kept: KeptTokens, maxAgeMs: number): Promise<HoopctlError | null> {
    const discover = (issuer: string) => this.#discover(issuer)
    const fault = await renewKept({ ...this.#options, kept, maxAgeMs, discover })
    if (fault !== null) this.#provider = null // it may have moved
    return fault
  }

  async #revoke({ issuer, clientId, refreshToken }: Tokens): Promise<HoopctlError | null> {
    if (refreshToken === null) return null
    const { http, now } = this.#options
    try {
      await revokeTokens({ provider: await this.#discover(issuer), clientId, refreshToken, http, now })
      return null
    } catch (error) {
      if (error instanceof HoopctlError) return error
      throw error
    }
  }

  async #discover(issuer: string): Promise<Provider> {
    if (this.#provider?.issuer !== issuer) {
      this.#provider = await discoverProvider(issuer, this.#options.http)
    }
    return this.#provider
  }

  #locked<T>(of: Named, work: () => Promise<T>): Promise<T> {
    return this.#options.withLock(lockNameOf(of), LOCK_WAIT_MS, work)
  }
}

function orNull(failure: unknown): null {
  if (failure instanceof HoopctlError) return null
  throw failure
}
