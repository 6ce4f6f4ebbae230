import type { Command, CommanderError } from 'commander'
import { quoted } from '../quoted.ts'
import { HoopctlError } from '../errors.ts'
import { commandOf, meantBy } from './near-command.ts'

/** Puts what commander says of a command line into our form: the user's words in backticks, a way out as the hint. */
export function usageError(
  { message }: CommanderError,
  argv: readonly string[],
  program: Command,
): HoopctlError {
  const problem = message.replace(/^error: /, '')
  const unknown = /^unknown (?:option|command) '([^=]*)(=.*)?'$/s.exec(problem)?.[1]
  if (unknown === undefined)
    return new HoopctlError('USAGE', inOurWords(problem), { hint: 'add --help to see what can be typed' })
  const meant = meantBy(unknown, argv, program).map((name) => `\`${name}\``)
  const hint = meant.length === 0 ? withDashes(unknown, argv, program) : `did you mean ${meant.join(' or ')}?`
  // Without the value of an option: it may be a secret, and this ends in a client's log.
  const told = inOurWords(problem.replace(/=.*'$/s, "'"))
  return new HoopctlError('USAGE', told, { hint: hint ?? 'add --help to see what can be typed' })
}

// An option of the server's command is none of ours. What follows it is not repeated, for it may hold a secret.
function withDashes(unknown: string, argv: readonly string[], program: Command): string | null {
  const command = commandOf(argv, program)
  if (!['wrap', 'init'].includes(command.name()) || argv.includes('--')) return null
  const option = argv.findIndex((word) => word.split('=', 1)[0] === unknown)
  const first = firstArgument(command, argv)
  if (first >= option) return null
  const typed = ['hoopctl', ...argv.slice(0, first), '--', ...argv.slice(first, option), unknown]
  const rest = option === argv.length - 1 ? '' : ' …'
  return `put \`--\` before the command: ${typed.map(quoted).join(' ')}${rest}`
}

function firstArgument(command: Command, argv: readonly string[]): number {
  let index = command.name() === 'wrap' ? 1 : 2
  while (argv[index]?.startsWith('-') === true) {
    const takesValue = command.options.some(({ long, required }) => long === argv[index] && required)
    index += takesValue ? 2 : 1
  }
  return index
}

function inOurWords(text: string): string {
  return text
    .replaceAll(/'([^']*)'/g, '`$1`')
    .replace('missing required argument', 'missing argument')
    .replace(/^command-argument value (`.*`) is invalid for argument (`.*`)\. A/, '$1 is no $2: a')
    .replace(/^too many arguments(.*)\. E/, 'too many arguments$1: e')
    .replace(/\.$/, '')
}
