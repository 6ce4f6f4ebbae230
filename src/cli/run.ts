import { CommanderError } from 'commander'
import type { Context } from './context.ts'
import { buildProgram } from './program.ts'
import { isAnswer, reportFailure } from './report-failure.ts'
import { usageError } from './usage-error.ts'

/** Runs one command line. Failures are told to the person or program that typed it; nothing is thrown. */
export async function run(argv: readonly string[], context: Context): Promise<void> {
  const program = buildProgram(context)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (failure) {
    const misunderstood = failure instanceof CommanderError && !isAnswer(failure)
    reportFailure(misunderstood ? usageError(failure, argv, program) : failure, argv, context)
  }
}
