import { createInterface } from 'node:readline/promises'
import type { Context } from './context.ts'

/** Asks the person at the terminal for a line, on stderr; the end of input, or Control-C, is an empty one. */
export async function ask(question: string, { stdin, stderr }: Context): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: true, historySize: 0 })
  try {
    const closed = new Promise<string>((done) => lines.once('close', () => done('')))
    return await Promise.race([lines.question(question).catch(noAnswer), closed])
  } finally {
    lines.close()
  }
}

/** Takes the AbortError with which Control-C ends a question of readline for an empty answer; throws what else it is given. */
export function noAnswer(failure: unknown): string {
  if (failure instanceof Error && failure.name === 'AbortError') return ''
  throw failure
}
