import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { reportFailure } from '../../src/cli/report-failure.ts'
import { EXIT_CODES, type ErrorCode, HoopctlError } from '../../src/errors.ts'
import { PolicyError } from '../../src/policy/problem.ts'
import { fakeContext } from './fake-context.ts'

function report(failure: unknown, argv: readonly string[] = []) {
  const fake = fakeContext()
  reportFailure(failure, argv, fake.context)
  return { exitCode: fake.exitCode(), stdout: fake.stdout(), stderr: fake.stderr() }
}

describe('reportFailure', () => {
  it.each(Object.keys(EXIT_CODES) as ErrorCode[])('given %s, exits as the table says', (code) => {
    expect(report(new HoopctlError(code, 'it is so', { hint: 'do this' }))).toEqual({
      exitCode: EXIT_CODES[code],
      stdout: '',
      stderr: 'hoopctl: it is so\n  hint: do this\n',
    })
  })

  it('given --json, prints one object on stdout and exits alike', () => {
    const failure = new HoopctlError('NO_POLICY', 'there is no policy', { hint: 'write one' })
    expect(report(failure, ['policy', 'lint', '--json'])).toEqual({
      exitCode: 3,
      stdout: '{"error":{"code":"NO_POLICY","message":"there is no policy","hint":"write one"}}\n',
      stderr: '',
    })
  })

  it('given --json that belongs to a wrapped command, prints for people', () => {
    const failure = new HoopctlError('NO_POLICY', 'there is no policy', { hint: 'write one' })
    expect(report(failure, ['wrap', '--', 'server', '--json']).stdout).toBe('')
  })

  it('given text that would move the cursor or forge a line, shows what it is', () => {
    const failure = new HoopctlError('USAGE', 'no `a\u001b[2J\nhoopctl: all is well`', { hint: 'x\u202e' })
    expect(report(failure).stderr).toBe(
      'hoopctl: no `a\\u{1b}[2J\\u{a}hoopctl: all is well`\n  hint: x\\u{202e}\n',
    )
  })

  it('given a policy with several problems, prints each with its line', () => {
    const problem = {
      file: 'p.yaml',
      line: 2,
      column: 3,
      text: '- x',
      message: 'bad',
      hint: 'y',
      severity: 'error',
    } as const
    const second = { ...problem, line: 9, hint: null }
    expect(report(new PolicyError([problem, second], 'p.yaml'))).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: [
        'hoopctl: p.yaml:2:3: bad\n  | - x\n  |   ^\n  hint: y\n',
        'hoopctl: p.yaml:9:3: bad\n  | - x\n  |   ^\n',
      ].join(''),
    })
  })

  it('given a bug, keeps its stack and says how to report it', () => {
    const bug = new TypeError('x is not a function')
    bug.stack = 'TypeError: x is not a function\n    at somewhere'
    expect(report(bug)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: [
        'TypeError: x is not a function\n    at somewhere\n',
        'hoopctl: this is a bug in hoopctl 0.0.0-test: TypeError: x is not a function\n',
        '  hint: report it with these lines, without what is secret in them\n',
      ].join(''),
    })
  })

  it('given help that was asked for, adds nothing and exits with 0', () => {
    const helped = new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)')
    expect(report(helped)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })
})
