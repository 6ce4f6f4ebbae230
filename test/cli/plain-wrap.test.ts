import { Command } from 'commander'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrapCommand } from '../../src/cli/commands/wrap.ts'
import { plainWrap } from '../../src/cli/plain-wrap.ts'
import type { WrapOptions } from '../../src/cli/wrap-target.ts'
import { fakeContext } from './fake-context.ts'

/** What the parser of all commands makes of a command line; null where it refuses it or shows help. */
async function parsed(argv: readonly string[]): Promise<WrapOptions | null> {
  const seen: WrapOptions[] = []
  const command = wrapCommand(fakeContext().context, async (options) => void seen.push(options))
  const program = new Command('hoopctl')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  program.addCommand(command.copyInheritedSettings(program))
  await program.parseAsync(argv, { from: 'user' }).catch(() => undefined)
  return seen[0] ?? null
}

const NONE = {
  names: [],
  command: null,
  policy: undefined,
  server: undefined,
  grants: [],
  reason: undefined,
}

describe('plainWrap', () => {
  it.each([
    { argv: ['wrap', 'docs'], ...NONE, names: ['docs'] },
    {
      argv: ['wrap', '--grant', 'a', 'docs', '--grant', 'b', '--reason', 'INC 7'],
      ...NONE,
      names: ['docs'],
      grants: ['a', 'b'],
      reason: 'INC 7',
    },
    {
      argv: ['wrap', '--policy', 'p', 'docs'],
      ...NONE,
      names: ['docs'],
      policy: 'p',
    },
    {
      argv: ['wrap', '--server', 's', '--', 'node', '--policy', 'x', '--'],
      ...NONE,
      command: ['node', '--policy', 'x', '--'],
      server: 's',
    },
  ])('given $argv, reads it', ({ argv, ...options }) => {
    expect(plainWrap(argv)).toEqual(options)
  })

  it.each([
    ['sessions'],
    ['wrap', '--help'],
    ['wrap', '-h', 'x'],
    ['wrap', '--policy=p', 'x'],
    ['wrap', '--polcy', 'p', 'x'],
  ])('given %j %j, leaves it to the parser of all commands', (...argv) =>
    expect(plainWrap(argv.map(String))).toBe(null),
  )

  it('given any command line that it reads, reads what the parser of all commands reads', async () => {
    const word = fc.constantFrom(
      'docs',
      'node',
      '--policy',
      '--server',
      '--grant',
      '--reason',
      '--',
      'p.yaml',
      '-x',
      '--help',
      '',
      'wrap',
      '-',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const argv = ['wrap', ...words]
        const plain = plainWrap(argv)
        if (plain !== null) expect(plain).toEqual(await parsed(argv))
      }),
      { numRuns: 2000 },
    )
  })
})
