import { existsSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { stateUnwritable } from '../../audit/disk-failure.ts'
import { HoopctlError } from '../../errors.ts'
import { codeOf } from '../../system-code.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface KeygenOptions {
  readonly out: string
  readonly json: boolean
}

/** Declares `hoopctl policy keygen`. */
export function policyKeygenCommand(context: Context, run = policyKeygen): Command {
  return new Command('keygen')
    .description('Make a key that signs policies, encrypted with a passphrase, and print its public half.')
    .requiredOption('--out <KEY>', 'where to write the private key; nothing is overwritten')
    .option('--json', 'print the public key as JSON', false)
    .addHelpText('after', examples('hoopctl policy keygen --out ann.key'))
    .action((options: KeygenOptions) => run(options, context))
}

/** Makes a signing key (0600, encrypted) and prints the public key in the form that `policy trust --signer` takes. */
export async function policyKeygen({ out, json }: KeygenOptions, context: Context): Promise<void> {
  const { newSigningKey, sealKey } = await import('../../policy/key-file.ts')
  const { publicKeyId } = await import('../../policy/public-key.ts')
  const { Passphrases } = await import('../passphrase.ts')
  const { outputPath } = await import('../output-path.ts')
  const path = outputPath(out, context)
  if (existsSync(path)) throw alreadyThere(out) // before anybody types a passphrase
  const key = newSigningKey()
  const passphrases = new Passphrases(context)
  const passphrase = await passphrases.making(`\`${out}\``).finally(() => passphrases.close())
  const sealed = sealKey(key, passphrase)
  try {
    writeFileSync(path, sealed, { flag: 'wx', mode: 0o600, flush: true })
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? alreadyThere(out) : stateUnwritable(out, cause)
  }
  const id = publicKeyId(key)
  if (json) return void context.stdout.write(jsonLine({ file: out, public: id }))
  context.stdout.write(`${id}\n`)
  context.stderr.write(
    `Wrote ${visible(out)}. Keep it and its passphrase apart; the line above is for everybody.\n`,
  )
}

function alreadyThere(file: string): HoopctlError {
  const hint = 'a key that is lost can sign nothing any more: write the new one elsewhere'
  return new HoopctlError('USAGE', `\`${file}\` exists already`, { hint })
}
