import { createInterface } from 'node:readline/promises'
import { noAnswer } from './ask.ts'
import type { Context } from './context.ts'

/** Asks the person at the terminal, on stderr; only `y` or `yes` is a yes. */
export async function confirm(question: string, { stdin, stderr }: Context): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `).catch(noAnswer), closed(lines)])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}

// End of input, or Control-C: no answer is no.
async function closed(lines: ReturnType<typeof createInterface>): Promise<string> {
  return new Promise((done) => lines.once('close', () => done('')))
}
