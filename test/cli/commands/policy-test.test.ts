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
})
