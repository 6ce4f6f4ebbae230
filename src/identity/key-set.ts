import type { HttpClient } from '../http.ts'
import { type KeyChoice, type KeyQuery, type PublicJwk, chooseKey } from './choose-key.ts'
import { fetchJson, isObject } from './provider-json.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

// A key that the provider withdrew is trusted no longer than this.
const MAX_AGE_MS = 10 * 60_000
// Tokens with made-up key ids must not make us ask the provider again and again.
const COOLDOWN_MS = 30_000
const MAX_KEYS = 100

// What only the owner of a key may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** The keys of one provider, kept for ten minutes, and fetched once more when a token names one that is not among them. */
export class KeySet {
  readonly #uri: URL
  readonly #http: HttpClient
  #keys: readonly PublicJwk[] = []
  #fetched: Date | null = null

  constructor(uri: URL, http: HttpClient) {
    this.#uri = uri
    this.#http = http
  }

  /** Finds the one key that may have signed. Throws SIGN_IN_FAILED where there is none, or no telling which; UNREACHABLE. */
  async find(query: KeyQuery, now: Date): Promise<PublicJwk> {
    const fresh = this.#age(now) >= MAX_AGE_MS
    if (fresh) await this.#fetch(now)
    let choice: KeyChoice = chooseKey(this.#keys, query)
    if (!choice.ok && choice.unknown && !fresh && this.#age(now) >= COOLDOWN_MS) {
      await this.#fetch(now)
      choice = chooseKey(this.#keys, query)
    }
    if (!choice.ok) throw signInFailed(`a token is refused: ${choice.why}`)
    return choice.key
  }

  #age(now: Date): number {
    // A clock that was set back makes the keys old, never young.
    const age = this.#fetched === null ? Infinity : now.getTime() - this.#fetched.getTime()
    return age < 0 ? Infinity : age
  }

  async #fetch(now: Date): Promise<void> {
    const what = `the key set of \`${this.#uri.origin}\``
    const { keys } = await fetchJson(this.#uri, this.#http, what)
    if (!Array.isArray(keys) || keys.length === 0) throw signInFailed(`${what} has no keys`, ASK_OPERATOR)
    if (keys.length > MAX_KEYS) throw signInFailed(`${what} has more than ${MAX_KEYS} keys`, ASK_OPERATOR)
    this.#keys = keys.map((key: unknown) => publicKey(key, what))
    this.#fetched = now
  }
}

function publicKey(key: unknown, what: string): PublicJwk {
  if (!isObject(key) || typeof key['kty'] !== 'string') {
    throw signInFailed(`${what} has an entry that is no key`, ASK_OPERATOR)
  }
  // Whoever fetched the set can sign with such a key: nothing that this provider signs means anything.
  if (key['kty'] === 'oct') throw signInFailed(`${what} publishes a symmetric key`, ASK_OPERATOR)
  if (PRIVATE.some((member) => member in key)) {
    throw signInFailed(`${what} publishes a private key`, ASK_OPERATOR)
  }
  return { ...key, kty: key['kty'] }
}
