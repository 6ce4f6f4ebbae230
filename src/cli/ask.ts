import { createInterface } from 'node:readline/promises'
import type { Context } from './context.ts'

/** Asks the person at the terminal for a line, on stderr; the end of input is an empty one. */
export async function ask(question: string, { stdin, stderr }: Context): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: true, historySize: 0 })
  try {
    return await Promise.race([
      lines.question(question),
      new Promise<string>((done) => lines.once('close', () => done(''))),
    ])
  } finally {
    lines.close()
  }
}
