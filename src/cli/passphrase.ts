import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'

const SHORT = 12 // characters

/**
 * Gets passphrases: from HOOPCTL_PASSPHRASE, else from the person at the terminal, unseen. Whoever makes one closes it, so
 * that the terminal shows again what is typed. One for all questions: a second reader would lose what was typed ahead.
 */
export class Passphrases {
  readonly #context: Context
  #terminal: { readonly lines: Interface; readonly typed: AsyncIterator<string> } | null = null

  constructor(context: Context) {
    this.#context = context
  }

  /** Gets the passphrase that opens something. */
  async opening(what: string): Promise<Secret> {
    return this.#given() ?? this.#ask(`Passphrase of ${what}`)
  }

  /** Gets the passphrase of something new: one that is typed is typed twice. */
  async making(what: string): Promise<Secret> {
    const given = this.#given()
    return this.#twice(given ?? (await this.#ask(`New passphrase of ${what}`)), given)
  }

  /** Gets the passphrase of something new, or null where the person wants none and says so by Return alone. */
  async makingOrNone(what: string, none: string): Promise<Secret | null> {
    const given = this.#given()
    const first = given ?? (await this.#typed(`New passphrase of ${what} (${none})`))
    return first === null ? null : this.#twice(first, given)
  }

  /** Gives the terminal back. */
  close(): void {
    this.#terminal?.lines.close()
  }

  async #twice(first: Secret, given: Secret | null): Promise<Secret> {
    const again = given ?? (await this.#ask('The same once more'))
    if (first.reveal() !== again.reveal()) {
      throw new HoopctlError('CANCELLED', 'the two passphrases differ', { hint: 'type the same one twice' })
    }
    if (first.reveal().length < SHORT) {
      const { stderr } = this.#context
      stderr.write(`It has fewer than ${SHORT} characters: whoever copies the file may guess it.\n`)
    }
    return first
  }

  #given(): Secret | null {
    const given = this.#context.env['HOOPCTL_PASSPHRASE']
    if (given !== '') return given === undefined ? null : new Secret(given)
    const hint = 'set it to the passphrase, or unset it to be asked'
    throw new HoopctlError('USAGE', '`HOOPCTL_PASSPHRASE` is empty', { hint })
  }

  async #ask(question: string): Promise<Secret> {
    const typed = await this.#typed(question)
    if (typed === null) throw nothingTyped()
    return typed
  }

  // null: Return alone. Throws CANCELLED at the end of input, and at Control-C.
  async #typed(question: string): Promise<Secret | null> {
    const { stdin, stderr } = this.#context
    if (stdin.isTTY !== true) {
      const message = 'nobody can be asked for a passphrase: stdin is no terminal'
      throw new HoopctlError('USAGE', message, { hint: 'set HOOPCTL_PASSPHRASE' })
    }
    this.#terminal ??= openTerminal(stdin)
    stderr.write(`${visible(question)}: `)
    const line = await this.#terminal.typed.next()
    stderr.write('\n')
    if (line.done === true) throw nothingTyped()
    return line.value === '' ? null : new Secret(line.value)
  }
}

function nothingTyped(): HoopctlError {
  return new HoopctlError('CANCELLED', 'no passphrase was typed', { hint: 'type one, then Return' })
}

function openTerminal(stdin: Context['stdin']) {
  // `terminal` turns the terminal's own echo off; readline's goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 })
  return { lines, typed: lines[Symbol.asyncIterator]() }
}
