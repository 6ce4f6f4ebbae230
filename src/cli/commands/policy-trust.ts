import { Command, InvalidArgumentError } from 'commander'
import type { Trust } from '../../policy/trust-chain.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import type { Vouched } from '../vouch.ts'

interface TrustOptions {
  readonly out: string
  readonly key: readonly string[]
  readonly signer?: readonly string[]
  readonly threshold?: number
  readonly previous?: string
  readonly minVersion?: number
  readonly json: boolean
}

/** Declares `hoopctl policy trust`. */
export function policyTrustCommand(context: Context, run = policyTrust): Command {
  return new Command('trust')
    .description('Say whose signatures policies need, or sign such a document that others have made.')
    .requiredOption('--out <FILE.jws>', 'where to write it; one that is there gets signatures added')
    .requiredOption('--key <KEY...>', 'private keys that sign it, as `policy keygen` writes them')
    .option(
      '--signer <PUBLIC...>',
      'public keys to trust: beside those of --key in a first document, and nobody else in a later one',
    )
    .option('--threshold <N>', 'how many of them must sign; without it, as before, and at first 1', whole)
    .option('--previous <FILE.jws>', 'the trust document before it, whose keys must sign too')
    .option('--min-version <N>', 'replaces the policy version below which laptops go back no more', whole)
    .option('--json', 'print what was written as JSON', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl policy trust --out trust/1.jws --key ann.key',
        'hoopctl policy trust --out trust/2.jws --previous trust/1.jws \\\n      --key ann.key ben.key --signer ed25519:…',
      ),
    )
    .action((options: TrustOptions) => run(options, context))
}

/** Writes or signs a trust document and prints the digest that laptops pin. */
export async function policyTrust(options: TrustOptions, context: Context): Promise<void> {
  const { openSigningKeys } = await import('../signing-keys.ts')
  const { draftTrust, trustThere } = await import('../draft-trust.ts')
  const { vouch } = await import('../vouch.ts')
  const { readTrustFile } = await import('../trust-file.ts')
  const { outputPath } = await import('../output-path.ts')
  const { replaceWhole } = await import('../replace-whole.ts')
  const path = outputPath(options.out, context)
  const previous = options.previous === undefined ? null : readTrustFile(options.previous, context)
  const there = trustThere(path, options, previous)
  const keys = await openSigningKeys(options.key, context)
  const opened = there ?? draftTrust(options, keys, previous)
  const vouched = vouch(opened, keys, previous)
  replaceWhole(path, vouched.text, 0o644)
  if (options.json) return void context.stdout.write(jsonLine(told(options.out, vouched)))
  context.stderr.write(summary(options.out, vouched, previous))
  context.stdout.write(`${vouched.digest}\n`)
}

function told(file: string, { document, digest, signed, missing, missingBefore }: Vouched) {
  const { number, threshold, minVersion } = document
  const signers = document.signers.map(({ id }) => id)
  return { file, number, digest, threshold, signers, minVersion, signed, missing, missingBefore }
}

function summary(file: string, vouched: Vouched, previous: Trust | null): string {
  const { document, signed, missing, missingBefore } = vouched
  const { number, threshold, signers, minVersion } = document
  const lines = [
    `Wrote ${visible(file)}: trust document ${number}; policies need ${threshold} of ${counted(signers.length, 'key')}:`,
    ...signers.map(({ id }) => `  ${id}${signed.includes(id) ? '  signed' : ''}`),
  ]
  if (minVersion !== null) lines.push(`Laptops go back to version ${minVersion}, whatever they have seen.`)
  if (missing > 0) lines.push(`${counted(missing, 'signature')} by these keys missing: nobody takes it yet.`)
  if (missingBefore > 0) {
    const whose = `keys of trust document ${previous?.number ?? 0}`
    lines.push(`${counted(missingBefore, 'signature')} by ${whose} missing: nobody takes it yet.`)
  }
  lines.push(previous === null ? 'Laptops pin this digest:' : 'Its digest, for laptops that are new:')
  return `${lines.join('\n')}\n`
}

function whole(text: string): number {
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
  if (number <= 2 ** 31) return number
  throw new InvalidArgumentError('It is no whole number from 1 to 2147483648.')
}
