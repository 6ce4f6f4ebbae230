import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { buildProgram } from '../../src/cli/program.ts'
import { fakeContext } from './fake-context.ts'
import { freshHome, type Home, LAUNCHER, NODE } from './hoopctl.ts'

let home: Home
beforeAll(async () => {
  home = await freshHome()
})
afterAll(() => home[Symbol.asyncDispose]())

describe('hoopctl', () => {
  it('given --version, prints the version alone', async () => {
    expect(await home.hoopctl(['--version'])).toEqual({
      exitCode: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    })
  })

  it.each([
    {
      given: 'an unknown command',
      args: ['polcy'],
      message: 'unknown command `polcy`',
      hint: 'did you mean `policy`?',
    },
    {
      given: 'an unknown command like nothing else',
      args: ['xyzzy'],
      message: 'unknown command `xyzzy`',
      hint: 'add --help to see what can be typed',
    },
    {
      given: 'an unknown flag',
      args: ['completion', '--hlp', 'bash'],
      message: 'unknown option `--hlp`',
      hint: 'did you mean `--help`?',
    },
    {
      given: 'an argument too many',
      args: ['completion', 'bash', 'zsh'],
      message: 'too many arguments for `completion`: expected 1 argument but got 2: bash, zsh',
      hint: 'add --help to see what can be typed',
    },
    {
      given: 'a missing argument',
      args: ['completion'],
      message: 'missing argument `SHELL`',
      hint: 'add --help to see what can be typed',
    },
    {
      given: 'an argument that is no choice',
      args: ['completion', 'csh'],
      message: '`csh` is no `SHELL`: allowed choices are bash, zsh, fish, powershell',
      hint: 'add --help to see what can be typed',
    },
    {
      given: 'escape sequences in a flag',
      args: ['completion', '--\u001b[31m'],
      message: 'unknown option `--\\u{1b}[31m`',
      hint: 'add --help to see what can be typed',
    },
  ])('given $given, says so and exits with 2', async ({ args, message, hint }) => {
    expect(await home.hoopctl(args)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `hoopctl: ${message}\n  hint: ${hint}\n`,
    })
  })

  it('given --json with a flag that does not exist, answers in JSON', async () => {
    const error = {
      code: 'USAGE',
      message: 'unknown option `--frob`',
      hint: 'add --help to see what can be typed',
    }
    expect(await home.hoopctl(['sessions', 'list', '--json', '--frob'])).toEqual({
      exitCode: 2,
      stdout: `${JSON.stringify({ error })}\n`,
      stderr: '',
    })
  })

  it.each([[], ['policy'], ['sessions']])(
    'given only %j, shows help on stderr and exits with 2',
    async (...args) => {
      const { exitCode, stdout, stderr } = await home.hoopctl(args.flat())
      expect({ exitCode, stdout, first: stderr.split(' ')[0] }).toEqual({
        exitCode: 2,
        stdout: '',
        first: 'Usage:',
      })
    },
  )

  it('given a reader that closes the pipe at once, does not crash', async () => {
    const child = spawn(NODE, [LAUNCHER, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const [exitCode] = await once(child, 'close')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })
})

describe('every command', () => {
  const program = buildProgram(fakeContext().context)
  const all = [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]
  const typed = all.map((command) => {
    const names = []
    for (let at: typeof command | null = command; at?.parent; at = at.parent) names.unshift(at.name())
    return names
  })

  it.each(typed.map((names) => ({ names })))(
    'given $names --help, shows an example on stdout',
    async ({ names }) => {
      const { exitCode, stdout, stderr } = await home.hoopctl([...names, '--help'])
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout).toMatch(/^Usage: hoopctl/)
      expect(stdout).toMatch(/\nExamples?:\n {2}\$ /)
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    },
  )
})
