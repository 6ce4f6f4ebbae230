import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { visible } from '../visible.ts'
import { askKeychain, type KeychainOutcome } from './ask-keychain.ts'
import { isOurs } from './bus.ts'
import type { KeychainRequest } from './keychain-child.ts'
import type { TokenStore } from './token-store.ts'

/** Which keychain to open. */
export interface KeychainStoreOptions {
  /** The session bus that it is on; null on macOS. */
  readonly bus: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number
  /** How long to wait for each answer. A locked keychain asks a person first. */
  readonly timeoutMs: number
}

/**
 * Opens the operating system's keychain: entries of the service `hoopctl`, which any program of this user may read while it is
 * unlocked. Nothing is reached before the first call.
 */
export function keychainStore(options: KeychainStoreOptions): TokenStore {
  const ask = async (verb: KeychainRequest['verb'], account: string, secret = ''): Promise<string | null> => {
    const { bus, uid } = options
    if (bus !== null && !isOurs(bus, uid)) throw gone(bus)
    const outcome = await askKeychain({ verb, account, secret }, options)
    if (outcome.ok) return outcome.secret
    throw notReached(outcome, options)
  }
  return {
    kind: 'keychain',
    get: async (account) => {
      const found = await ask('get', account)
      return found === null ? null : new Secret(found)
    },
    set: async (account, secret) => void (await ask('set', account, secret.reveal())),
    delete: async (account) => void (await ask('delete', account)),
  }
}

type Failure = Extract<KeychainOutcome, { ok: false }>

/** Words what kept a keychain from answering, for `login` too, which then may choose another store. */
export function whyNotReached(failure: Failure, timeoutMs: number): string {
  switch (failure.failure) {
    case 'silent':
      return `the keychain did not answer within ${timeoutMs / 1000} s; it may be locked and waiting for a person`
    case 'absent':
      return `there is no keychain that hoopctl can use here (${visible(failure.why)})`
    case 'unreached':
      return `no keychain answers here (${visible(failure.why)})`
    case 'refused':
      return `the keychain refused; it may be locked (${visible(failure.why)})`
    default:
      return failure satisfies never
  }
}

function notReached(failure: Failure, { timeoutMs }: KeychainStoreOptions): HoopctlError {
  const why = whyNotReached(failure, timeoutMs)
  const locked = failure.failure === 'silent' || failure.failure === 'refused'
  const hint = locked ? 'unlock the keychain, and try again' : ELSEWHERE
  return new HoopctlError('KEYCHAIN', why, { hint })
}

const ELSEWHERE =
  'run: hoopctl login, where you use hoopctl; it chooses a store that can be reached from there'

function gone(bus: string): HoopctlError {
  const what = `the keychain cannot be reached from here: this user has no bus at \`${visible(bus)}\``
  return new HoopctlError('KEYCHAIN', what, { hint: ELSEWHERE })
}
