import { basename } from 'node:path'
import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface SignOptions {
  readonly file: string
  readonly key: readonly string[]
  readonly trust: string
  readonly out: string
  readonly json: boolean
}

/** Declares `hoopctl policy sign`. */
export function policySignCommand(context: Context, run = policySign): Command {
  return new Command('sign')
    .description('Sign a policy, or add a signature to one that others have signed.')
    .argument('<FILE>', 'the policy, as YAML; before --key, which takes every word behind it')
    .requiredOption('--key <KEY...>', 'private keys, as `policy keygen` writes them')
    .requiredOption('--trust <FILE.jws>', 'the trust document that says who may sign')
    .requiredOption('--out <FILE.jws>', 'where to write the signed policy; signatures that are there stay')
    .option('--json', 'print what was written as JSON', false)
    .addHelpText(
      'after',
      examples('hoopctl policy sign acme.yaml --key ann.key --trust trust/1.jws \\\n      --out acme.jws'),
    )
    .action((file: string, options: Omit<SignOptions, 'file'>) => run({ file, ...options }, context))
}

/** Signs a policy that lints, with keys that the trust document names, and says how many signatures are missing. */
export async function policySign(options: SignOptions, context: Context): Promise<void> {
  const { signJws, writeJws } = await import('../../policy/jws.ts')
  const { signersOf } = await import('../../policy/signers.ts')
  const { openSigningKeys } = await import('../signing-keys.ts')
  const { readTrustFile } = await import('../trust-file.ts')
  const { signaturesThere } = await import('../signatures-there.ts')
  const { outputPath } = await import('../output-path.ts')
  const { replaceWhole } = await import('../replace-whole.ts')
  const { readyToSign } = await import('../ready-to-sign.ts')
  const { file, out } = options
  const trust = readTrustFile(options.trust, context)
  const ready = await readyToSign(file, trust, context)
  const path = outputPath(out, context)
  const there = signaturesThere(path, out, ready)
  const keys = await openSigningKeys(options.key, context)
  const stranger = keys.find(({ id }) => !trust.signers.some((signer) => signer.id === id))
  if (stranger !== undefined) {
    const message = `\`${stranger.file}\` is not among the keys of trust document ${trust.number}`
    const hint = 'sign with one that it names, or make a new trust document with: hoopctl policy trust'
    throw new HoopctlError('INPUT_INVALID', message, { hint })
  }
  const { payload, name, version, digest } = ready
  const added = keys.map(({ key }) => signJws(payload, 'hoopctl-policy+yaml', key))
  const kept = there.filter(({ kid }) => !added.some((signature) => signature.kid === kid))
  const signatures = [...kept, ...added]
  const encoded = Buffer.from(payload).toString('base64url')
  const signers = [...signersOf({ payload, encoded, signatures }, trust.signers).by]
  const missing = Math.max(0, trust.threshold - signers.length)
  replaceWhole(path, writeJws(payload, signatures), 0o644)
  const told = { file: out, name, version, digest, threshold: trust.threshold, signers, missing }
  if (options.json) return void context.stdout.write(jsonLine(told))
  const have = `${counted(signers.length, 'signature')}, ${trust.threshold} needed`
  context.stdout.write(`Wrote ${visible(out)}: policy ${name}, version ${version}, ${have}.\n`)
  if (missing > 0) context.stderr.write(`${counted(missing, 'signature')} missing: nobody takes it yet.\n`)
  if (basename(out) !== `${name}.jws`) {
    context.stderr.write(`Serve it as ${name}.jws: under another name nobody takes it.\n`)
  }
}
