import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { askKeychain } from './ask-keychain.ts'
import { busAddresses } from './bus.ts'
import { encryptedFileStore } from './encrypted-file-store.ts'
import { keychainStore, whyNotReached } from './keychain-store.ts'
import { machineKeyProtects } from './machine-key.ts'
import type { KeySource } from './sealed-token.ts'
import type { TokenStore } from './token-store.ts'
import type { TokenStoreChoice } from './token-store-choice.ts'

/** What token stores need of the world. */
export interface StoreSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly uid: number
  readonly directories: { readonly state: string }
  /**
   * Asks the person for a passphrase; null: nobody can be asked. `new` is one to be chosen, so it asks twice; answered with null
   * the person wants none, and the key of this machine is used. `noKeychain` says why there is a file at all; null: one is wanted.
   */
  readonly prompt: ((purpose: 'new' | 'open', noKeychain: string | null) => Promise<Secret | null>) | null
  readonly timeouts?: StoreTimeouts
}

/** How long a keychain may take, in milliseconds. */
export interface StoreTimeouts {
  /** To answer at all; each call of `wrap` too. */
  readonly reachMs: number
  /** Where a person may have to unlock it first, in `login`. */
  readonly personMs: number
}

const TIMEOUTS: StoreTimeouts = { reachMs: 3_000, personMs: 60_000 }

/** The store that `login` writes to. */
export interface ChosenStore {
  readonly store: TokenStore
  /** What `config.yaml` keeps, for `openTokenStore`. */
  readonly choice: TokenStoreChoice
  /** What the person is to be told about it before they sign in; null: nothing. */
  readonly notice: string | null
}

/**
 * Chooses where `login` keeps tokens: the keychain where it answers and can be written (a locked one asks the person), else, and
 * where a file is wanted, encrypted files. Throws KEYCHAIN where a keychain is wanted and cannot be had, INPUT_INVALID for
 * a passphrase that is too short.
 */
export async function chooseTokenStore(
  wanted: 'keychain' | 'file' | null,
  surroundings: StoreSurroundings,
): Promise<ChosenStore> {
  if (wanted === 'file') return chosenFile(surroundings, null)
  const tried = await tryKeychains(surroundings)
  if ('choice' in tried) {
    return { ...tried, store: keychain(tried.choice.bus, surroundings, personMs(surroundings)), notice: null }
  }
  if (wanted === null) return chosenFile(surroundings, tried.why)
  throw new HoopctlError('KEYCHAIN', tried.why, { hint: 'unlock it, or run: hoopctl login --store file' })
}

/**
 * Opens the store that `login` chose, and no other. Touches nothing before its first use; then a keychain that cannot be reached
 * from here, or files that do not open, are KEYCHAIN, and a store without the entry is null.
 */
export function openTokenStore(choice: TokenStoreChoice, surroundings: StoreSurroundings): TokenStore {
  if (choice.store === 'keychain') return keychain(choice.bus, surroundings, timeoutsOf(surroundings).reachMs)
  const { prompt } = surroundings
  const given = givenPassphrase(surroundings)
  return fileStore(
    choice.key,
    surroundings,
    async () => given ?? (prompt === null ? null : prompt('open', null)),
  )
}

type Tried =
  | { readonly choice: { readonly store: 'keychain'; readonly bus: string | null } }
  | { readonly why: string }

async function tryKeychains(surroundings: StoreSurroundings): Promise<Tried> {
  const { platform } = surroundings
  if (platform === 'darwin') return tryKeychain(null, surroundings)
  if (platform !== 'linux') return { why: `hoopctl knows no keychain on ${platform}` }
  let tried: Tried = { why: 'there is no session bus of this user, and so no keychain' }
  for (const bus of busAddresses(surroundings)) {
    tried = await tryKeychain(bus, surroundings)
    if ('choice' in tried) break
  }
  return tried
}

// Whether somebody answers is seen at once. Whether an entry can be written may depend on a person who unlocks it.
async function tryKeychain(bus: string | null, surroundings: StoreSurroundings): Promise<Tried> {
  const { reachMs } = timeoutsOf(surroundings)
  const probe = { account: `probe ${randomUUID()}`, secret: 'probe' }
  for (const [verb, timeoutMs] of [
    ['reach', reachMs],
    ['try', personMs(surroundings)],
  ] as const) {
    const outcome = await askKeychain({ verb, ...probe }, { bus, env: surroundings.env, timeoutMs })
    if (!outcome.ok) return { why: whyNotReached(outcome, timeoutMs) }
  }
  return { choice: { store: 'keychain', bus } }
}

async function chosenFile(surroundings: StoreSurroundings, why: string | null): Promise<ChosenStore> {
  const passphrase = givenPassphrase(surroundings) ?? (await surroundings.prompt?.('new', why)) ?? null
  if (passphrase !== null) refuseShort(passphrase)
  const key: KeySource = passphrase === null ? 'machine' : 'passphrase'
  const protects = key === 'machine' ? machineKeyProtects() : PASSPHRASE_PROTECTS
  const because = why === null ? '' : ` (${why})`
  return {
    store: fileStore(key, surroundings, async () => passphrase),
    choice: { store: 'file', key },
    notice: `Your sign-in will be kept in an encrypted file, not in a keychain${because}. ${protects}`,
  }
}

const PASSPHRASE_PROTECTS =
  'Only the passphrase opens it, and hoopctl keeps that nowhere: a client that starts hoopctl needs HOOPCTL_PASSPHRASE in the ' +
  '`env` of its entry.'

const SHORTEST_PASSPHRASE = 8

function refuseShort(passphrase: Secret): void {
  if (passphrase.reveal().length >= SHORTEST_PASSPHRASE) return
  throw new HoopctlError('INPUT_INVALID', `the passphrase has fewer than ${SHORTEST_PASSPHRASE} characters`, {
    hint: 'choose a longer one; several words are easier to type than many signs',
  })
}

function givenPassphrase({ env }: StoreSurroundings): Secret | null {
  const given = env['HOOPCTL_PASSPHRASE'] ?? ''
  return given === '' ? null : new Secret(given)
}

function fileStore(
  key: KeySource,
  { uid, directories }: StoreSurroundings,
  passphrase: () => Promise<Secret | null>,
): TokenStore {
  return encryptedFileStore({ directory: join(directories.state, 'tokens'), uid, key, passphrase })
}

function keychain(bus: string | null, { env, uid }: StoreSurroundings, timeoutMs: number): TokenStore {
  return keychainStore({ bus, env, uid, timeoutMs })
}

function timeoutsOf({ timeouts }: StoreSurroundings): StoreTimeouts {
  return timeouts ?? TIMEOUTS
}

function personMs(surroundings: StoreSurroundings): number {
  return timeoutsOf(surroundings).personMs
}
