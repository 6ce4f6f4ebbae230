import { resolve } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { type Trust, verifyLink } from '../policy/trust-chain.ts'
import { MAX_TRUST_BYTES } from '../policy/trust-document.ts'
import type { Context } from './context.ts'
import { readSmallFile } from './small-file.ts'

/** Reads a trust document that the person hands over, and so trusts. Throws POLICY_ALTERED where its own keys have not signed it. */
export function readTrustFile(file: string, { workingDirectory }: Context): Trust {
  const { bytes } = readSmallFile(resolve(workingDirectory, file), file, MAX_TRUST_BYTES)
  const verified = verifyLink(bytes, null)
  if (verified.ok) return verified.trust
  throw new HoopctlError('POLICY_ALTERED', `the trust document \`${file}\` does not hold: ${verified.why}`, {
    hint: 'fetch it again; who still has to sign it runs: hoopctl policy trust --out FILE.jws --key KEY',
  })
}
