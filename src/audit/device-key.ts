import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { closeSync, existsSync, fstatSync, linkSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { stateUnwritable } from './disk-failure.ts'
import { quoted } from '../quoted.ts'
import { ensurePrivateDirectory } from './private-files.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { codeOf } from '../system-code.ts'
import { removeIfThere, replaceFile, sweepTemporary, writeTemporary } from './temporary-file.ts'

/** The key of this device and user: it signs session logs. */
export interface DeviceKey {
  /** `ed25519:` and the 32 bytes of the public key in base64url. */
  readonly id: string
  /** Signs bytes with Ed25519: 64 bytes. */
  sign(bytes: Uint8Array): Buffer
  /** Is this a signature of it over these bytes? */
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
}

/**
 * Loads the device key, `device.pem` (PKCS8) in the state directory, with `device.pub` beside it for openssl;
 * makes both on first use. Processes that start at once agree on one key. Throws FILE_MODE where others may
 * read the file, DEVICE_KEY where it holds no Ed25519 key, STATE_UNWRITABLE where it cannot be made or read.
 */
export function loadDeviceKey(stateDirectory: string): DeviceKey {
  ensurePrivateDirectory(stateDirectory)
  const path = join(stateDirectory, 'device.pem')
  try {
    const privateKey = parseKey(path, readKey(path) ?? makeKey(stateDirectory, path))
    const publicKey = createPublicKey(privateKey)
    if (!existsSync(join(stateDirectory, 'device.pub'))) {
      replaceFile(stateDirectory, 'device.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString())
    }
    return {
      id: deviceId(publicKey),
      sign: (bytes) => sign(null, bytes, privateKey),
      verify: (bytes, signature) => verify(null, bytes, publicKey, signature),
    }
  } catch (error) {
    throw error instanceof HoopctlError ? error : stateUnwritable(path, error)
  }
}

/** Writes a public key as records do: `ed25519:` and its 32 bytes in base64url. */
export function deviceId(publicKey: KeyObject): string {
  return `ed25519:${publicKey.export({ format: 'jwk' }).x ?? ''}`
}

function readKey(path: string): string | null {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  try {
    refuseLooseMode(path, fstatSync(fd))
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

// The key gets its name by link(2), which never replaces: of two processes that make one at once, the second
// sees EEXIST and takes the first one's.
function makeKey(stateDirectory: string, path: string): string {
  sweepTemporary(stateDirectory, new Date())
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const file = writeTemporary(stateDirectory, pem)
  closeSync(file.fd)
  try {
    linkSync(file.path, path)
    return pem
  } catch (error) {
    const theirs = codeOf(error) === 'EEXIST' ? readKey(path) : null
    if (theirs === null) throw error
    return theirs
  } finally {
    removeIfThere(file.path)
  }
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below: OpenSSL's own words name a decoder, not what is wrong with the file.
  }
  throw new HoopctlError('DEVICE_KEY', `\`${path}\` holds no Ed25519 key`, {
    hint: `put the file back from a backup, or begin with a new key: mv ${quoted(path)} ${quoted(`${path}.broken`)}`,
  })
}
