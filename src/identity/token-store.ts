import type { Secret } from '../secret.ts'

/** Where tokens are kept between runs. Every method throws KEYCHAIN where the store cannot be reached or opened from here. */
export interface TokenStore {
  readonly kind: 'keychain' | 'file'
  /** Reads an entry; null: there is none, which is not the same as a store that cannot be reached. */
  get(account: string): Promise<Secret | null>
  set(account: string, secret: Secret): Promise<void>
  /** Removes an entry; one that is not there is no error. */
  delete(account: string): Promise<void>
}
