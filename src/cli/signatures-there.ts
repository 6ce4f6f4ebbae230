import { HoopctlError } from '../errors.ts'
import { type JwsSignature, readJws } from '../policy/jws.ts'
import { readMetadata } from '../policy/signed-metadata.ts'
import { MAX_SIGNED_POLICY_BYTES } from '../policy/signed-policy.ts'
import type { ReadyToSign } from './ready-to-sign.ts'
import { readIfThere } from './small-file.ts'

/**
 * Reads the signatures that a signed policy has already, so that people can sign one after the other; none where the file
 * is not there or holds an older version. Throws where this version would be a second one of the same number.
 */
export function signaturesThere(path: string, typed: string, policy: ReadyToSign): readonly JwsSignature[] {
  const file = readIfThere(path, typed, MAX_SIGNED_POLICY_BYTES)
  if (file === null) return []
  const read = readJws(file.bytes, 'hoopctl-policy+yaml', MAX_SIGNED_POLICY_BYTES)
  if (!read.ok) throw taken(typed, `it is no signed policy: ${read.why}`, 'write to another file')
  if (Buffer.from(policy.payload).equals(read.jws.payload)) return read.jws.signatures
  const there = readMetadata(read.jws.payload)
  if (!there.ok || there.metadata.name !== policy.name) {
    throw taken(typed, 'it holds another policy', 'write to another file')
  }
  if (there.metadata.version < policy.version) return []
  // Laptops keep the contents of each version apart: two of one version would split them into two camps.
  const why = `it holds version ${there.metadata.version} with other contents`
  throw taken(typed, why, `raise \`metadata.version\`, or remove the file if nobody has taken it`)
}

function taken(typed: string, why: string, hint: string): HoopctlError {
  return new HoopctlError('INPUT_INVALID', `\`${typed}\` is not replaced: ${why}`, { hint })
}
