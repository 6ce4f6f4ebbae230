import type { Context } from './context.ts'
import { buildProgram } from './program.ts'
import { reportFailure } from './report-failure.ts'

/** Runs one command line. Failures are told to the person or program that typed it; nothing is thrown. */
export async function run(argv: readonly string[], context: Context): Promise<void> {
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' })
  } catch (failure) {
    reportFailure(failure, argv, context)
  }
}
