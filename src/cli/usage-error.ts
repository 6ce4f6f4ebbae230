import type { CommanderError } from 'commander'
import { HoopctlError } from '../errors.ts'

/** Puts what commander says of a command line into our form: the user's words in backticks, a way out as the hint. */
export function usageError({ message }: CommanderError): HoopctlError {
  const [problem = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(rest.join(' '))?.[1]
  const hint =
    near === undefined ? 'add --help to see what can be typed' : `did you mean ${backticked(near)}?`
  return new HoopctlError('USAGE', inOurWords(problem), { hint })
}

function inOurWords(text: string): string {
  return text
    .replaceAll(/'([^']*)'/g, '`$1`')
    .replace('missing required argument', 'missing argument')
    .replace(/^command-argument value (`.*`) is invalid for argument (`.*`)\. A/, '$1 is no $2: a')
    .replace(/^too many arguments(.*)\. E/, 'too many arguments$1: e')
    .replace(/\.$/, '')
}

function backticked(names: string): string {
  return names
    .split(', ')
    .map((name) => `\`${name}\``)
    .join(' or ')
}
