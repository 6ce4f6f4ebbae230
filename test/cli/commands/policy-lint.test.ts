import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BROKEN, POLICY } from '../a-policy.ts'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('policy lint', () => {
  it('given a good policy, says how much is in it', async () => {
    await home.write('p.yaml', POLICY)
    expect(await home.hoopctl(['policy', 'lint', 'p.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'p.yaml: ok (5 rules, 2 servers)\n',
      stderr: '',
    })
  })

  it('given a good and a broken one, points at the problem and exits with 3', async () => {
    await home.write('p.yaml', POLICY)
    await home.write('b.yaml', BROKEN)
    const { exitCode, stdout, stderr } = await home.hoopctl(['policy', 'lint', 'b.yaml', 'p.yaml'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' })
    const [head, text, mark, ...rest] = stdout.split('\n')
    expect(head).toMatch(/^b\.yaml:5:5: .*`alow`/)
    expect([text, mark]).toEqual(['  |   - alow: { tool: read_file }', '  |     ^'])
    expect(rest.slice(-2)).toEqual(['p.yaml: ok (5 rules, 2 servers)', ''])
  })

  it('given a policy that has expired, and one that has not, refuses the first as wrap does', async () => {
    const until = (year: number) =>
      POLICY.replace(/metadata: .*/, `metadata: { name: x, expires: ${year}-01-02T03:04:05Z }`)
    await home.write('old.yaml', until(2021))
    await home.write('new.yaml', until(2921))
    expect(await home.hoopctl(['policy', 'lint', 'old.yaml', 'new.yaml'])).toEqual({
      exitCode: 3,
      stdout: [
        'old.yaml:3:31: this policy expired at 2021-01-02T03:04:05.000Z: nothing loads it\n',
        '  | metadata: { name: x, expires: 2021-01-02T03:04:05Z }\n',
        '  |                               ^\n',
        '  hint: ask for a newer one, or mend `metadata.expires`\n',
        'new.yaml: ok (5 rules, 2 servers)\n',
      ].join(''),
      stderr: '',
    })
  })

  it('given --json, prints the problems of each file', async () => {
    await home.write('p.yaml', POLICY)
    await home.write('b.yaml', BROKEN)
    const { exitCode, stdout } = await home.hoopctl(['policy', 'lint', '--json', 'p.yaml', 'b.yaml'])
    const place = {
      file: 'b.yaml',
      line: 5,
      column: 5,
      text: '  - alow: { tool: read_file }',
      severity: 'error',
    }
    expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
      exitCode: 3,
      files: [
        { file: 'p.yaml', ok: true, problems: [] },
        { file: 'b.yaml', ok: false, problems: [expect.objectContaining(place)] },
      ],
    })
  })

  it('given a file that others may write, refuses it with the command that mends it', async () => {
    await home.write('p.yaml', POLICY)
    await chmod(join(home.folder, 'p.yaml'), 0o666)
    const { exitCode, stderr } = await home.hoopctl(['policy', 'lint', 'p.yaml'])
    expect({ exitCode, hint: stderr.split('\n')[1] }).toEqual({
      exitCode: 3,
      hint: '  hint: run: chmod go-w p.yaml',
    })
  })

  it('given a directory, refuses it and says how to look at it', async () => {
    await mkdir(join(home.folder, 'policies'))
    expect(await home.hoopctl(['policy', 'lint', 'policies/'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: [
        'hoopctl: the policy `policies/` cannot be read: it is not a regular file\n',
        '  hint: look at it with: ls -ld policies/\n',
      ].join(''),
    })
  })

  it('given files of which one is not there, checks the others and exits with 3', async () => {
    await home.write('p.yaml', POLICY)
    await home.write('b.yaml', BROKEN)
    const files = ['p.yaml', 'no.yaml', 'b.yaml']
    const { exitCode, stdout, stderr } = await home.hoopctl(['policy', 'lint', ...files])
    const message = 'the policy `no.yaml` cannot be read: there is no such file'
    const hint = 'write one with: hoopctl policy init -- COMMAND'
    expect({ exitCode, stderr, lines: stdout.split('\n').slice(0, 4) }).toEqual({
      exitCode: 3,
      stderr: '',
      lines: [
        'p.yaml: ok (5 rules, 2 servers)',
        `no.yaml:1:1: ${message}`,
        `  hint: ${hint}`,
        expect.stringMatching(/^b\.yaml:5:5: /),
      ],
    })
    const told = await home.hoopctl(['policy', 'lint', '--json', ...files])
    const missing = { file: 'no.yaml', line: 1, column: 1, text: '', message, hint, severity: 'error' }
    expect({ exitCode: told.exitCode, ...JSON.parse(told.stdout) }).toEqual({
      exitCode: 3,
      files: [
        { file: 'p.yaml', ok: true, problems: [] },
        { file: 'no.yaml', ok: false, problems: [missing] },
        { file: 'b.yaml', ok: false, problems: [expect.objectContaining({ line: 5 })] },
      ],
    })
  })

  it('given no file of that name, exits with 3', async () => {
    const { exitCode, stdout } = await home.hoopctl(['policy', 'lint', '--json', 'no.yaml'])
    expect({ exitCode, code: JSON.parse(stdout).error.code }).toEqual({
      exitCode: 3,
      code: 'POLICY_UNREADABLE',
    })
  })
})
