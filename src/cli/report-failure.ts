import { constants } from 'node:os'
import { CommanderError } from 'commander'
import { EXIT_CODES, HoopctlError } from '../errors.ts'
import { PolicyError, printProblem } from '../policy/problem.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'

const BUG = { code: 'BUG', exitCode: 1 } as const

/** Tells a failure in the form that was asked for, and sets the exit code: the only place that maps one to the other. */
export function reportFailure(failure: unknown, argv: readonly string[], context: Context): void {
  if (failure instanceof CommanderError && isAnswer(failure)) {
    return context.setExitCode(failure.code === 'commander.help' ? EXIT_CODES.USAGE : 0)
  }
  const known = failure instanceof HoopctlError
  context.setExitCode(known ? exitCodeOf(failure) : BUG.exitCode)
  const message = known ? failure.message : `this is a bug in hoopctl ${context.version}: ${String(failure)}`
  const hint = known ? failure.hint : 'report it with these lines, without what is secret in them'
  if (!known) context.stderr.write(`${visible(stackOf(failure), '\n')}\n`)
  if (wantsJson(argv)) {
    const error = { code: known ? failure.code : BUG.code, message, hint }
    context.stdout.write(`${JSON.stringify({ error })}\n`)
  } else if (failure instanceof PolicyError && failure.problems.length > 0) {
    for (const problem of failure.problems) context.stderr.write(`hoopctl: ${printProblem(problem)}\n`)
  } else {
    context.stderr.write(`hoopctl: ${visible(message)}\n  hint: ${visible(hint)}\n`)
  }
}

// What a signal ended names it as its cause, and exits as shells write it.
function exitCodeOf({ code, cause }: HoopctlError): number {
  const signal =
    code === 'CANCELLED' ? Object.entries(constants.signals).find(([name]) => name === cause) : undefined
  return signal === undefined ? EXIT_CODES[code] : 128 + signal[1]
}

/** Tells whether commander has printed what was asked for: help, the version, or the help of a bare group. */
export function isAnswer({ code }: CommanderError): boolean {
  return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code)
}

// Not commander's view: a command line that it could not parse must be answered in the form that was asked for too.
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end).includes('--json')
}

function stackOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
}
