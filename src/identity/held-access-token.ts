import type { Secret } from '../secret.ts'
import type { AccessToken } from './access-token.ts'

// Asked for anew so long before its end, or a quarter of its life.
const EARLY_MS = 60_000

/** Keeps an access token in memory until shortly before its end. */
export class HeldAccessToken {
  readonly #make: () => Promise<AccessToken>
  readonly #now: () => Date
  #held: { readonly token: Secret; readonly since: number; readonly until: number } | null = null
  #making: Promise<Secret> | null = null

  constructor(make: () => Promise<AccessToken>, now: () => Date) {
    this.#make = make
    this.#now = now
  }

  /** Gives it, and makes another where there is none, or where it is the one that was refused. Throws what making it throws. */
  async get(refused: Secret | null): Promise<Secret> {
    const held = this.#held
    const now = this.#now().getTime()
    if (held !== null && held.token !== refused && held.since <= now && now < held.until) return held.token
    this.#making ??= this.#obtain().finally(() => {
      this.#making = null
    })
    return this.#making
  }

  async #obtain(): Promise<Secret> {
    const { token, expires } = await this.#make()
    const since = this.#now().getTime()
    const life = expires.getTime() - since
    this.#held = { token, since, until: expires.getTime() - Math.min(EARLY_MS, life / 4) }
    return token
  }
}
