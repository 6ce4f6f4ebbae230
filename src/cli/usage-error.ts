import type { CommanderError } from 'commander'
import { HoopctlError } from '../errors.ts'

/** Puts what commander says of a command line into our form: the user's words in backticks, a way out as the hint. */
export function usageError({ message }: CommanderError): HoopctlError {
  const [problem = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(rest.join(' '))?.[1]
  const hint =
    near === undefined ? 'add --help to see what can be typed' : `did you mean ${backticked(near)}?`
  return new HoopctlError('USAGE', quotesToBackticks(problem), { hint })
}

function quotesToBackticks(text: string): string {
  return text.replace(/\.$/, '').replaceAll(/'([^']*)'/g, '`$1`')
}

function backticked(names: string): string {
  return names
    .split(', ')
    .map((name) => `\`${name}\``)
    .join(' or ')
}
