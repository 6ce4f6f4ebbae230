import { basename, resolve } from 'node:path'
import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import type { SignedPolicy } from '../../policy/signed-policy.ts'
import type { Trust } from '../../policy/trust-chain.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface VerifyOptions {
  readonly file: string
  readonly trust: string
  readonly name?: string
  readonly json: boolean
}

/** Declares `hoopctl policy verify`. */
export function policyVerifyCommand(context: Context, run = policyVerify): Command {
  return new Command('verify')
    .description('Check a signed policy: its signatures, its version and expiry, and that it loads.')
    .argument('<FILE.jws>', 'the signed policy')
    .requiredOption('--trust <FILE.jws>', 'the trust document that says who may sign')
    .option('--name <NAME>', 'what the policy must be called; without it, its name is only shown')
    .option('--json', 'print what was verified as JSON', false)
    .addHelpText('after', examples('hoopctl policy verify acme.jws --trust trust/1.jws'))
    .action((file: string, options: Omit<VerifyOptions, 'file'>) => run({ file, ...options }, context))
}

/** Verifies a signed policy as a laptop would that has seen none before. Throws POLICY_ALTERED where it does not hold. */
export async function policyVerify(options: VerifyOptions, context: Context): Promise<void> {
  const { floorOf, verifySignedPolicy, MAX_SIGNED_POLICY_BYTES } = await import(
    '../../policy/signed-policy.ts'
  )
  const { readSmallFile } = await import('../small-file.ts')
  const { readTrustFile } = await import('../trust-file.ts')
  const { file, name = null, json } = options
  const trust = readTrustFile(options.trust, context)
  const { bytes } = readSmallFile(resolve(context.workingDirectory, file), file, MAX_SIGNED_POLICY_BYTES)
  const now = context.now()
  const verified = verifySignedPolicy(bytes, trust, { name, now, ...floorOf(trust, null) })
  if (!verified.ok) {
    const hint = 'do not use it: fetch it again, or ask those who sign it for a newer one'
    throw new HoopctlError('POLICY_ALTERED', `\`${file}\` does not hold: ${verified.why}`, { hint })
  }
  await refuseUnsound(verified, file, now)
  if (json) return void context.stdout.write(jsonLine(told(verified, trust, file)))
  context.stdout.write(summary(verified, trust, file))
  if (name === null && basename(file) !== `${verified.name}.jws`) {
    context.stderr.write(`It is served as ${verified.name}.jws: under another name nobody takes it.\n`)
  }
}

// Signed and sound are two things: signers may have used a newer hoopctl, or none.
async function refuseUnsound({ payload }: SignedPolicy, file: string, now: Date): Promise<void> {
  const { parsePolicy } = await import('../../policy/load.ts')
  const { PolicyError } = await import('../../policy/problem.ts')
  const { problems } = await parsePolicy(payload, file, { now, signed: true })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new PolicyError(errors, file)
}

function told({ name, version, digest, expires, signers }: SignedPolicy, trust: Trust, file: string) {
  const { number, threshold } = trust
  const by = { number, digest: trust.digest, threshold }
  return { ok: true, file, name, version, digest, expires: expires.toISOString(), signers, trust: by }
}

function summary(policy: SignedPolicy, trust: Trust, file: string): string {
  const { name, version, expires, signers } = policy
  return [
    `${visible(file)}: policy ${visible(name)}, version ${version}, until ${expires.toISOString()}`,
    `signed by ${signers.length} of ${trust.signers.length} keys of trust document ${trust.number} (${trust.threshold} needed)`,
    '',
  ].join('\n')
}
