import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'

/** Gets the passphrase that opens something: HOOPCTL_PASSPHRASE, else the person at the terminal is asked. */
export async function passphraseFor(what: string, context: Context): Promise<Secret> {
  return fromEnvironment(context) ?? asked(`Passphrase of ${what}`, context)
}

/** Gets the passphrase of something new: one that is typed is typed twice. */
export async function newPassphrase(what: string, context: Context): Promise<Secret> {
  const given = fromEnvironment(context)
  if (given !== null) return given
  const first = await asked(`New passphrase of ${what}`, context)
  const again = await asked('The same once more', context)
  if (first.reveal() === again.reveal()) return first
  throw new HoopctlError('CANCELLED', 'the two passphrases differ', { hint: 'type the same one twice' })
}

function fromEnvironment({ env }: Context): Secret | null {
  const given = env['HOOPCTL_PASSPHRASE']
  if (given !== '') return given === undefined ? null : new Secret(given)
  const hint = 'set it to the passphrase, or unset it to be asked'
  throw new HoopctlError('USAGE', '`HOOPCTL_PASSPHRASE` is empty', { hint })
}

async function asked(question: string, { stdin, stderr }: Context): Promise<Secret> {
  if (stdin.isTTY !== true) {
    const message = 'nobody can be asked for a passphrase: stdin is no terminal'
    throw new HoopctlError('USAGE', message, { hint: 'set HOOPCTL_PASSPHRASE' })
  }
  stderr.write(`${visible(question)}: `)
  // `terminal` turns the terminal's own echo off; readline's goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 })
  try {
    const typed = await Promise.race([lines.question(''), closed(lines)])
    stderr.write('\n')
    if (typed !== '') return new Secret(typed)
    throw new HoopctlError('CANCELLED', 'no passphrase was typed', { hint: 'type one, then Return' })
  } finally {
    lines.close()
  }
}

// End of input, or Control-C.
async function closed(lines: ReturnType<typeof createInterface>): Promise<string> {
  return new Promise((done) => lines.once('close', () => done('')))
}
