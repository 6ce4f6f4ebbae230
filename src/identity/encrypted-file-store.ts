import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { ensureMachineKey, type MachineKeyPlace, machineKey } from './machine-key.ts'
import { passphraseKey } from './passphrase-key.ts'
import { readPrivate, removePrivate, writePrivate } from './private-file.ts'
import {
  type KeySource,
  newSalt,
  parseSealed,
  type Sealed,
  seal,
  type Unsealable,
  unseal,
} from './sealed-token.ts'
import type { TokenStore } from './token-store.ts'

/** Where the files are, whose they are, and what they are encrypted with. */
export interface FileStoreOptions {
  /** A directory of their own, made with mode 0700. */
  readonly directory: string
  readonly uid: number
  readonly key: KeySource
  /** Asked when the passphrase is first needed; null: there is none here. */
  readonly passphrase: () => Promise<Secret | null>
}

/**
 * Opens a directory of encrypted files, one for each entry, so that two processes that write two entries lose neither. Each is
 * encrypted and authenticated (AES-256-GCM) with a key from a passphrase (scrypt) or from this machine (machine-key.ts says what
 * that is worth). Nobody without the key reads an entry or makes one; who may write the directory can remove an entry
 * or put back an older one.
 */
export function encryptedFileStore(options: FileStoreOptions): TokenStore {
  const { directory, uid } = options
  const fileOf = (account: string): string =>
    join(directory, `${createHash('sha256').update(account).digest('hex')}.sealed`)
  const rootFor = rootKeys(options)
  return {
    kind: 'file',
    get: async (account) => {
      const file = fileOf(account)
      const sealed = await readSealed(file, uid)
      if (sealed === null) return null
      if (typeof sealed === 'string') throw refused(file, sealed, options.key)
      if (sealed.source !== options.key) throw otherKey(file, sealed.source)
      const opened = unseal(sealed, account, await rootFor(sealed.salt))
      if (typeof opened === 'string') throw refused(file, opened, options.key)
      return new Secret(opened.secret)
    },
    set: async (account, secret) => {
      const file = fileOf(account)
      const before = await readSealed(file, uid)
      // The same salt where one stands, so that those who read it again need not derive the key again.
      const salt = before === null || typeof before === 'string' ? newSalt() : Buffer.from(before.salt)
      if (options.key === 'machine') await ensureMachineKey(keyPlace(options))
      const sealing = { account, source: options.key, salt, root: await rootFor(salt) }
      await writePrivate(file, seal(secret.reveal(), sealing), uid, 'replace')
    },
    delete: (account) => removePrivate(fileOf(account)),
  }
}

async function readSealed(file: string, uid: number): Promise<Sealed | Unsealable | null> {
  const bytes = await readPrivate(file, uid)
  return bytes === null ? null : parseSealed(bytes)
}

function keyPlace({ directory, uid }: FileStoreOptions): MachineKeyPlace {
  return { file: join(directory, 'machine.key'), uid }
}

// A passphrase's key is costly, so the last one is kept.
function rootKeys(options: FileStoreOptions): (salt: Buffer) => Promise<Buffer> {
  let last: { readonly salt: Buffer; readonly root: Promise<Buffer> } | null = null
  return (salt) => {
    if (options.key === 'machine') return machineKey(keyPlace(options), salt)
    if (last === null || !last.salt.equals(salt)) last = { salt, root: fromPassphrase(options, salt) }
    const { root } = last
    // Asked again where nobody answered.
    root.catch(() => {
      if (last?.root === root) last = null
    })
    return root
  }
}

async function fromPassphrase({ passphrase }: FileStoreOptions, salt: Buffer): Promise<Buffer> {
  const answer = await passphrase()
  if (answer !== null) return passphraseKey(answer, salt)
  const what = 'the tokens are encrypted with a passphrase, and there is none here'
  const hint =
    "set HOOPCTL_PASSPHRASE in the `env` of the client's entry, or run `hoopctl login` and choose this machine's key"
  throw new HoopctlError('KEYCHAIN', what, { hint })
}

function refused(file: string, why: Unsealable, key: KeySource): HoopctlError {
  const wrongKey =
    key === 'passphrase'
      ? 'does not open with this passphrase'
      : 'does not open with the key of this machine: it was made on another one, or the key was replaced'
  const what = {
    foreign: 'is none of the files that hoopctl writes',
    newer: 'was written by a newer hoopctl',
    truncated: 'is cut short',
    damaged: 'is damaged: some of its bytes have changed',
    'wrong key': wrongKey,
    altered: 'was altered by someone who is not hoopctl',
  }[why]
  const mended = `remove it (rm -f '${file}'), and run: hoopctl login`
  const hint = why === 'wrong key' && key === 'passphrase' ? RETYPE : why === 'newer' ? UPDATE : mended
  return new HoopctlError('KEYCHAIN', `\`${file}\` ${what}`, { hint })
}

const RETYPE =
  'type the passphrase of this sign-in (HOOPCTL_PASSPHRASE), or run `hoopctl login` to make a new one'
const UPDATE = 'update hoopctl, or run: hoopctl login'

function otherKey(file: string, source: KeySource): HoopctlError {
  const found = source === 'machine' ? 'the key of this machine' : 'a passphrase'
  const what = `\`${file}\` is encrypted with ${found}, which is not what config.yaml says`
  return new HoopctlError('KEYCHAIN', what, { hint: 'run: hoopctl login' })
}
