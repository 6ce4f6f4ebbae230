import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import { freshAnswer } from './fresh-answer.ts'

/** Is a person there who can be asked: both where they type and where they read is a terminal? */
export function hasTerminal({ stdin, stderr }: Context): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** What a person is asked. */
interface Question {
  /** The grants, as a sentence names them. */
  readonly what: string
  /** What a person would type instead. */
  readonly command: string
  /** Shows what there is to say yes to. */
  readonly show: () => void
}

/** Has a person at a terminal say yes. Throws GRANT_DENIED where there is no terminal, CANCELLED where they do not. */
export async function proveAtTerminal({ what, command, show }: Question, context: Context): Promise<void> {
  if (!hasTerminal(context)) {
    const message = `${visible(what)} is given to a person at a terminal, and nobody is at one here`
    throw new HoopctlError('GRANT_DENIED', message, { hint: `a person types it in a terminal: ${command}` })
  }
  show()
  const answer = await freshAnswer('Is this what you want? [y/N] ', context)
  if (answer === null) {
    const hint = 'let nothing type, and answer once you have read the question'
    throw new HoopctlError('GRANT_DENIED', 'input came without end, so no person was asked', { hint })
  }
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new HoopctlError('CANCELLED', 'not activated: the answer was not y', {
    hint: `to ask again: ${command}`,
  })
}
