import { resolve } from 'node:path'
import { sha256 } from '../digest.ts'
import { HoopctlError } from '../errors.ts'
import { parsePolicy, readPolicyFile } from '../policy/load.ts'
import { PolicyError, printProblem } from '../policy/problem.ts'
import { readMetadata } from '../policy/signed-metadata.ts'
import type { Trust } from '../policy/trust-chain.ts'
import type { Context } from './context.ts'

/** A policy that may be signed: its very bytes, and what it says of itself. */
export interface ReadyToSign {
  readonly payload: Uint8Array
  readonly name: string
  readonly version: number
  readonly digest: string
}

/** Reads a policy that is to be signed. Throws what `policy lint` would tell, and what laptops would refuse it for. */
export async function readyToSign(file: string, trust: Trust, context: Context): Promise<ReadyToSign> {
  const payload = readPolicyFile(resolve(context.workingDirectory, file))
  const { problems } = await parsePolicy(payload, file, { now: context.now(), signed: true })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new PolicyError(errors, file)
  for (const problem of problems) context.stderr.write(`${printProblem(problem)}\n`)
  const read = readMetadata(payload)
  if (!read.ok) throw notReady(file, read.why)
  const { name, version } = read.metadata
  const lowest = trust.floor?.minVersion ?? 1
  if (version < lowest) throw notReady(file, `it has version ${version}, and \`minVersion\` is ${lowest}`)
  return { payload, name, version, digest: sha256(payload) }
}

function notReady(file: string, why: string): HoopctlError {
  const hint = 'a signed policy has `metadata.name`, `version` and `expires`, and a section `identity`'
  return new HoopctlError('POLICY_INVALID', `\`${file}\` cannot be signed: ${why}`, { hint })
}
