import type { Command } from 'commander'
import { nearest } from '../policy/near-miss.ts'

// What other programs understand, and what it is here.
const ELSEWHERE = new Map([
  ['help', '--help'],
  ['version', '--version'],
  ['-v', '--version'],
  ['-V', '--version'],
])

/** Finds the command that a command line leads to, as far as its words name one. */
export function commandOf(argv: readonly string[], program: Command): Command {
  let command = program
  for (const word of argv) {
    const sub = command.commands.find((each) => each.name() === word)
    if (sub === undefined) break
    command = sub
  }
  return command
}

/** Names what may have been meant by an option or a command that there is not; nothing is better than a wrong word. */
export function meantBy(written: string, argv: readonly string[], program: Command): readonly string[] {
  const known = ELSEWHERE.get(written)
  if (known !== undefined && (known === '--help' || argv[0] === written)) return [known]
  const command = commandOf(argv, program)
  if (!written.startsWith('-')) return commandsLike(written, command, program)
  const options = command.createHelp().visibleOptions(command)
  const flags = options.map(({ long }) => long).filter((long) => typeof long === 'string')
  const near = written.startsWith('--') ? nearest(written, flags) : null
  return near === null || near === written ? [] : [near] // the same: it was given a value, and takes none
}

// `hoopctl lint` is `hoopctl policy lint`: people remember what they want to do, not where it is kept.
function commandsLike(written: string, group: Command, program: Command): readonly string[] {
  const paths = pathsBelow(program, '')
  const called = (word: string) => paths.filter((path) => path.split(' ').at(-1) === word)
  const exact = called(written)
  if (exact.length > 0) return exact
  const near = nearest(
    written,
    pathsBelow(group, '').map((path) => path.split(' ').at(-1) ?? ''),
  )
  return near === null ? [] : called(near)
}

function pathsBelow(command: Command, before: string): readonly string[] {
  return command.commands.flatMap((sub) => {
    const path = `${before}${sub.name()}`
    return [path, ...pathsBelow(sub, `${path} `)]
  })
}
