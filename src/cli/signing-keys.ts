import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { quoted } from '../quoted.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { HoopctlError } from '../errors.ts'
import { isSealed, openKey } from '../policy/key-file.ts'
import { publicKeyId } from '../policy/public-key.ts'
import type { Context } from './context.ts'
import { Passphrases } from './passphrase.ts'
import { readSmallFile } from './small-file.ts'

/** A private key that was opened, and the file that it is from. */
export interface SigningKey {
  readonly file: string
  readonly id: string
  readonly key: KeyObject
}

const MAX_KEY_BYTES = 16 * 1024

/** Opens the key files that a person named, each key once. Throws where one cannot be read or opened. */
export async function openSigningKeys(files: readonly string[], context: Context): Promise<SigningKey[]> {
  const opened = new Map<string, SigningKey>()
  const passphrases = new Passphrases(context)
  try {
    for (const file of files) {
      const key = await openOne(file, passphrases, context.workingDirectory)
      opened.set(key.id, key)
    }
  } finally {
    passphrases.close()
  }
  return [...opened.values()]
}

async function openOne(file: string, passphrases: Passphrases, directory: string): Promise<SigningKey> {
  const { bytes, stats } = readSmallFile(resolve(directory, file), file, MAX_KEY_BYTES)
  refuseLooseMode(file, stats)
  const pem = Buffer.from(bytes).toString('latin1')
  if (!isSealed(pem)) throw notSealed(file, pem)
  const result = openKey(pem, await passphrases.opening(`\`${file}\``))
  if (result.ok) return { file, id: publicKeyId(result.key), key: result.key }
  const message = {
    wrong: `the passphrase does not open \`${file}\``,
    other: `\`${file}\` holds no Ed25519 key`,
  }[result.why]
  const hint = {
    wrong: 'HOOPCTL_PASSPHRASE must be the one that was given to `policy keygen`',
    other: 'make one with: hoopctl policy keygen --out KEY',
  }[result.why]
  throw new HoopctlError('INPUT_INVALID', message, { hint })
}

function notSealed(file: string, pem: string): HoopctlError {
  if (!pem.includes('-----BEGIN PRIVATE KEY-----')) {
    const hint = 'make one with: hoopctl policy keygen --out KEY'
    return new HoopctlError('INPUT_INVALID', `\`${file}\` holds no private key`, { hint })
  }
  const hint = `encrypt it: openssl pkcs8 -topk8 -scrypt -in ${quoted(file)} -out ${quoted(`${file}.sealed`)}`
  return new HoopctlError('INPUT_INVALID', `the key in \`${file}\` is not encrypted`, { hint })
}
