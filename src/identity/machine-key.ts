import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { HoopctlError } from '../errors.ts'
import { readPrivate, writePrivate } from './private-file.ts'

const KEY_BYTES = 32
// magic | whether the machine's id is part of the key | 32 random bytes | SHA-256
const MAGIC = Buffer.from('hoopctl machine key 1\n')
const FILE_BYTES = MAGIC.length + 1 + KEY_BYTES + 32

/** Where the key's file is, whose it is, and where the machine's id may stand. */
export interface MachineKeyPlace {
  readonly file: string
  readonly uid: number
  readonly idFiles?: readonly string[]
}

// machine-id(5). Not secret: it only keeps a copied home directory from opening elsewhere.
const ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id']

/**
 * Reads the key of this machine for a salt: 32 random bytes in a file (0600), with the machine's id where it has one. It keeps
 * tokens from other users and from whoever holds one of the two files, or the home directory without the rest of the
 * disk; not from root or programs of this user. Throws KEYCHAIN where it is missing, damaged, or of another machine.
 */
export async function machineKey(place: MachineKeyPlace, salt: Buffer): Promise<Buffer> {
  const bytes = await readPrivate(place.file, place.uid)
  if (bytes === null) throw refused(place.file, 'is missing, and with it the key of what is kept beside it')
  const end = FILE_BYTES - 32
  const whole = bytes.length === FILE_BYTES && digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end))
  if (!whole || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw refused(place.file, 'is damaged')
  const id = bytes[MAGIC.length] === 1 ? machineId(place.idFiles) : ''
  if (id === null) throw refused(place.file, 'was made with the id of a machine, and this one has none')
  const secret = Buffer.concat([bytes.subarray(MAGIC.length + 1, end), Buffer.from(id)])
  return Buffer.from(hkdfSync('sha256', secret, salt, 'hoopctl machine key', KEY_BYTES))
}

/** Makes the key of this machine where there is none. Of several that do so at once, one's stays. */
export async function ensureMachineKey(place: MachineKeyPlace): Promise<void> {
  if ((await readPrivate(place.file, place.uid)) !== null) return
  const bound = machineId(place.idFiles) === null ? 0 : 1
  const head = Buffer.concat([MAGIC, Buffer.from([bound]), randomBytes(KEY_BYTES)])
  await writePrivate(place.file, Buffer.concat([head, digestOf(head)]), place.uid, 'keep')
}

/** Tells a person what sealing tokens with the key of this machine is worth, and what not. */
export function machineKeyProtects(idFiles: readonly string[] = ID_FILES): string {
  const copied = 'or from whoever has this disk or a copy of your home directory.'
  const bound =
    'or from whoever has this disk; a copy of your home directory alone also lacks the id of this machine, which is no secret.'
  const limits = machineId(idFiles) === null ? copied : bound
  return (
    'It is encrypted with a key in a file beside it (mode 0600). That keeps your sign-in from other users. It does not keep it ' +
    `from programs that you run, from root, ${limits} A keychain or a passphrase protects better.`
  )
}

function machineId(idFiles: readonly string[] = ID_FILES): string | null {
  return idFiles.map(lineOf).find((id) => /^[0-9a-f]{32}$/.test(id)) ?? null
}

function lineOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return '' // many systems have one of the files only
  }
}

function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function refused(file: string, what: string): HoopctlError {
  return new HoopctlError('KEYCHAIN', `\`${file}\` ${what}`, {
    hint: `remove it (rm -f '${file}'), and run: hoopctl login`,
  })
}
