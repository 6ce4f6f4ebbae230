import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BROKEN, POLICY } from '../a-policy.ts'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('policy test', () => {
  const TESTS = `kind: PolicyTest
policy: ../p.yaml
tests:
  - name: anyone reads
    call: { name: read_file }
    expect: allow
    rules: ["rules[0]"]
  - name: big ids ask
    call: { name: pay, arguments: { id: 9007199254740993 } }
    expect: ask
`
  const FAILING = `${TESTS}  - name: nobody writes
    server: files
    call: { name: write_file }
    expect: deny
`
  beforeEach(async () => {
    await home.write('p.yaml', POLICY)
    await mkdir(join(home.folder, 'tests'))
  })

  it('given tests that hold, says so; the policy is found beside the test file', async () => {
    await home.write('tests/t.yaml', TESTS)
    expect(await home.hoopctl(['policy', 'test', 'tests/t.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'ok    anyone reads\nok    big ids ask\ntests/t.yaml: 2 tests, 0 failed\n',
      stderr: '',
    })
  })

  it('given one that fails, says what was expected and exits with 3', async () => {
    await home.write('tests/t.yaml', FAILING)
    expect(await home.hoopctl(['policy', 'test', 'tests/t.yaml'])).toEqual({
      exitCode: 3,
      stdout: [
        'ok    anyone reads\nok    big ids ask\nFAIL  nobody writes\n',
        '        expected  deny\n        got       allow by grants.files-write.rules[0]: all allow\n',
        'tests/t.yaml: 3 tests, 1 failed\n',
      ].join(''),
      stderr: '',
    })
    const { exitCode, stdout } = await home.hoopctl(['policy', 'test', '--json', 'tests/t.yaml'])
    const [file] = JSON.parse(stdout).files
    expect({ exitCode, file: file.file, ok: file.ok, problems: file.problems, last: file.tests[2] }).toEqual({
      exitCode: 3,
      file: 'tests/t.yaml',
      ok: false,
      problems: [],
      last: {
        name: 'nobody writes',
        ok: false,
        expected: { effect: 'deny', rules: null },
        got: { effect: 'allow', rules: ['grants.files-write.rules[0]'], why: 'all allow' },
      },
    })
  })

  it('given a test file with an error, points at it and exits with 3', async () => {
    await home.write('tests/t.yaml', TESTS.replace('expect: ask', 'expect: maybe'))
    const { exitCode, stdout } = await home.hoopctl(['policy', 'test', 'tests/t.yaml'])
    expect({ exitCode, place: stdout.slice(0, 'tests/t.yaml:10:13: '.length) }).toEqual({
      exitCode: 3,
      place: 'tests/t.yaml:10:13: ',
    })
  })

  it('given a policy that is broken, says what is wrong with it', async () => {
    await home.write('p.yaml', BROKEN)
    await home.write('tests/t.yaml', TESTS)
    const { exitCode, stderr } = await home.hoopctl(['policy', 'test', 'tests/t.yaml'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('p.yaml:5:5: ') })
  })

  it('given files of which one is not there, and some without a sound policy, runs the others and exits with 3', async () => {
    await home.write('b.yaml', BROKEN)
    await home.write('tests/t.yaml', TESTS)
    await home.write('tests/broken.yaml', TESTS.replace('p.yaml', 'b.yaml'))
    await home.write('tests/lost.yaml', TESTS.replace('p.yaml', 'no.yaml'))
    const files = ['no.yaml', 'tests/broken.yaml', 'tests/lost.yaml', 'tests/t.yaml']
    const { exitCode, stdout, stderr } = await home.hoopctl(['policy', 'test', ...files])
    const lines = stdout.split('\n')
    const lost = `the policy \`${join(home.folder, 'no.yaml')}\` cannot be read: there is no such file`
    expect({ exitCode, stderr, first: lines.slice(0, 2), rest: lines.slice(-6) }).toEqual({
      exitCode: 3,
      stderr: '',
      first: [
        'no.yaml:1:1: `no.yaml` cannot be read',
        '  hint: name a file that begins with `kind: PolicyTest`',
      ],
      rest: [
        `tests/lost.yaml:1:1: ${lost}`,
        '  hint: write one with: hoopctl policy init -- COMMAND',
        'ok    anyone reads',
        'ok    big ids ask',
        'tests/t.yaml: 2 tests, 0 failed',
        '',
      ],
    })
    expect(lines[2]).toMatch(/b\.yaml:5:5: /)
  })

  it('given such files and --json, prints what is wrong with each beside the results of the others', async () => {
    await home.write('tests/t.yaml', TESTS)
    const told = await home.hoopctl(['policy', 'test', '--json', 'no.yaml', 'tests/t.yaml'])
    const message = '`no.yaml` cannot be read'
    const hint = 'name a file that begins with `kind: PolicyTest`'
    const missing = { file: 'no.yaml', line: 1, column: 1, text: '', message, hint, severity: 'error' }
    const held = [{ ok: true }, { ok: true }]
    expect({ exitCode: told.exitCode, ...JSON.parse(told.stdout) }).toMatchObject({
      exitCode: 3,
      files: [
        { file: 'no.yaml', ok: false, problems: [missing], tests: [] },
        { file: 'tests/t.yaml', ok: true, problems: [], tests: held },
      ],
    })
  })

  it('given one file that is not there, says so on stderr and exits with 3', async () => {
    expect(await home.hoopctl(['policy', 'test', 'no.yaml'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'hoopctl: `no.yaml` cannot be read\n  hint: name a file that begins with `kind: PolicyTest`\n',
    })
  })
})
