import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Home } from './hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

/** Writes a file into the folder in which hoopctl runs. */
async function given(name: string, text: string): Promise<void> {
  await writeFile(join(home.folder, name), text)
}

const POLICY = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
servers:
  files: {}
  cased:
    arguments: { caseSensitive: true }
grants:
  - name: files-write
    server: files
    rules:
      - allow: { tool: write_file }
  - name: files-list
    server: files
    rules:
      - allow: { tool: list_files }
rules:
  - allow: { tool: read_file }
  - name: big-ids-ask
    ask: { tool: pay }
    when: args.id == 9007199254740993
  - allow: { tool: pay }
    when: '"dba" in subject.groups'
`

const BROKEN = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
rules:
  - alow: { tool: read_file }
`

describe('policy lint', () => {
  it('given a good policy, says how much is in it', async () => {
    await given('p.yaml', POLICY)
    expect(await home.hoopctl(['policy', 'lint', 'p.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'p.yaml: ok (5 rules, 2 servers)\n',
      stderr: '',
    })
  })

  it('given a good and a broken one, points at the problem and exits with 3', async () => {
    await given('p.yaml', POLICY)
    await given('b.yaml', BROKEN)
    const { exitCode, stdout, stderr } = await home.hoopctl(['policy', 'lint', 'b.yaml', 'p.yaml'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' })
    const [head, text, mark, ...rest] = stdout.split('\n')
    expect(head).toMatch(/^b\.yaml:5:5: .*`alow`/)
    expect([text, mark]).toEqual(['  |   - alow: { tool: read_file }', '  |     ^'])
    expect(rest.slice(-2)).toEqual(['p.yaml: ok (5 rules, 2 servers)', ''])
  })

  it('given --json, prints the problems of each file', async () => {
    await given('p.yaml', POLICY)
    await given('b.yaml', BROKEN)
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
    await given('p.yaml', POLICY)
    await chmod(join(home.folder, 'p.yaml'), 0o666)
    const { exitCode, stderr } = await home.hoopctl(['policy', 'lint', 'p.yaml'])
    expect({ exitCode, hint: stderr.split('\n')[1] }).toEqual({
      exitCode: 3,
      hint: '  hint: run: chmod go-w p.yaml',
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

describe('which policy', () => {
  const call = ['policy', 'explain', '--call', '{"name":"read_file"}']

  it('given none, exits with 3 and both commands that help; one in the working directory does not count', async () => {
    await given('policy.yaml', POLICY)
    const path = join(home.folder, 'home', 'config', 'policy.yaml')
    expect(await home.hoopctl(call)).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: [
        `hoopctl: there is no policy: \`${path}\` does not exist\n`,
        '  hint: run: hoopctl policy init -- COMMAND, or name one with --policy FILE\n',
      ].join(''),
    })
  })

  it('given one in the configuration directory, uses it; --policy goes before', async () => {
    const config = join(home.folder, 'home', 'config')
    await mkdir(config, { recursive: true, mode: 0o700 })
    await writeFile(join(config, 'policy.yaml'), POLICY)
    await given('none.yaml', 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: none }\nrules: []\n')
    const configured = await home.hoopctl(call)
    expect(configured).toEqual({ exitCode: 0, stdout: 'allow: all allow\n  rules   rules[0]\n', stderr: '' })
    expect(await home.hoopctl([...call, '--policy', 'none.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'deny: no rule in force covers the tool `read_file`\n',
      stderr: '',
    })
  })

  it('given a configuration directory that others may enter, refuses it', async () => {
    const config = join(home.folder, 'home', 'config')
    await mkdir(config, { recursive: true })
    await chmod(config, 0o755)
    await writeFile(join(config, 'policy.yaml'), POLICY)
    const { exitCode, stderr } = await home.hoopctl(call)
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `hoopctl: \`${config}\` has mode 0755: other users may touch it\n  hint: run: chmod 700 ${config}\n`,
    })
  })
})

describe('policy explain', () => {
  beforeEach(() => given('p.yaml', POLICY))
  const explain = (...args: string[]) =>
    home.hoopctl(['policy', 'explain', '--policy', 'p.yaml', '--json', ...args])
  const allowed = (rule: string, grants: string[] = []) => ({
    effect: 'allow',
    rules: [rule],
    grants,
    facts: {},
    why: 'all allow',
  })

  it.each([
    { given: 'a short call', call: '{"name":"read_file","arguments":{"path":"/x"}}' },
    {
      given: 'a JSON-RPC request',
      call: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file"}}',
    },
  ])('given $given, prints one object on one line', async ({ call }) => {
    const stdout = `${JSON.stringify(allowed('rules[0]'))}\n`
    expect(await explain('--call', call)).toEqual({ exitCode: 0, stdout, stderr: '' })
  })

  it('given a server, counts its grants, or those that are named', async () => {
    const call = ['--server', 'files', '--call', '{"name":"write_file"}']
    const all = allowed('grants.files-write.rules[0]', ['files-write', 'files-list'])
    expect(JSON.parse((await explain(...call)).stdout)).toEqual(all)
    const two = await explain(...call, '--grant', 'files-write', '--grant', 'files-list')
    expect(JSON.parse(two.stdout)).toEqual(all)
    const other = JSON.parse((await explain(...call, '--grant', 'files-list')).stdout)
    expect({ effect: other.effect, grants: other.grants }).toEqual({ effect: 'deny', grants: ['files-list'] })
  })

  it('given --as, decides for that subject, and reads numbers with all their digits', async () => {
    await given('dba.json', '{"email":"bob@acme.example","groups":["dba"],"kind":"human"}')
    const calls = [
      '{"name":"pay","arguments":{"id":9007199254740993}}',
      '{"name":"pay","arguments":{"id":9007199254740992}}',
    ]
    await given('calls.jsonl', `${calls.join('\n')}\n`)
    const { stdout } = await explain('--as', 'dba.json', '--calls', 'calls.jsonl')
    const effects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).effect)
    expect(effects).toEqual(['ask', 'allow'])
    const { stdout: asMe } = await explain('--call', calls[1] ?? '')
    expect(JSON.parse(asMe).effect).toBe('deny')
  })

  it('given bad lines on stdin, answers each in its place and exits with 3 at the end', async () => {
    const lines = [
      '{"name":"read_file"}',
      'no json',
      '{"name":"read_file","name":"x"}',
      '{"name":"read_file","Name":"x"}',
      '{"name":"a\u001b[2J"}',
      '{"tool":"read_file"}',
      '',
      '{"name":"read_file"}\r',
    ]
    const args = ['policy', 'explain', '--policy', 'p.yaml', '--json', '--calls', '-']
    const { exitCode, stdout } = await home.hoopctl(args, { input: lines.join('\n') })
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect({ exitCode, answers: answers.map((answer) => answer.effect ?? answer.error.message) }).toEqual({
      exitCode: 3,
      answers: [
        'allow',
        'it is not JSON',
        'an object in it has a key twice',
        'an object in it has two keys that differ in case only',
        'it is not JSON',
        'a short call has `name` and `arguments`, not `tool`',
        'allow',
      ],
    })
  })

  it('given a server that tells arguments apart by case, accepts them; not so the rest of the call', async () => {
    const call = '{"name":"read_file","arguments":{"Path":1,"path":2}}'
    expect((await explain('--server', 'cased', '--call', call)).exitCode).toBe(0)
    expect((await explain('--server', 'files', '--call', call)).exitCode).toBe(3)
    const outside = '{"name":"read_file","arguments":{},"Arguments":{}}'
    expect((await explain('--server', 'cased', '--call', outside)).exitCode).toBe(3)
  })

  it('given no --json, tells each call to a person', async () => {
    const input = '{"name":"pay","arguments":{"id":9007199254740993}}\n[]\n{"name":"x\\u202e"}\n'
    const args = ['policy', 'explain', '--policy', 'p.yaml', '--server', 'files', '--calls', '-']
    const { exitCode, stdout } = await home.hoopctl(args, { input })
    expect({ exitCode, stdout }).toEqual({
      exitCode: 3,
      stdout: [
        'call 1: ask: one asks\n  rules   rules.big-ids-ask\n  grants  files-write, files-list\n',
        'call 2: no call: a call is a JSON object\n',
        '  hint: a call is a JSON-RPC request or {"name":"a_tool","arguments":{}}, on one line\n',
        'call 3: deny: no rule in force covers the tool `x\\u{202e}`\n  grants  files-write, files-list\n',
      ].join(''),
    })
  })

  it.each([
    { args: [], exitCode: 2, message: 'no call is given' },
    {
      args: ['--call', '{}', '--calls', '-'],
      exitCode: 2,
      message: 'option `--call <JSON>` cannot be used with option `--calls <FILE>`',
    },
    {
      args: ['--server', 'fils', '--call', '{}'],
      exitCode: 2,
      message: 'the policy has no server `fils`, did you mean `files`?',
    },
    {
      args: ['--server', 'files', '--grant', 'files-wrote', '--call', '{}'],
      exitCode: 2,
      message: 'there is no grant `files-wrote` on this server, did you mean `files-write`?',
    },
    { args: ['--calls', 'no.jsonl'], exitCode: 3, message: '`no.jsonl` cannot be read' },
    {
      args: ['--as', 'p.yaml', '--call', '{}'],
      exitCode: 3,
      message: '`p.yaml` holds no subject: it is not JSON',
    },
  ])('given $args, exits with $exitCode', async ({ args, exitCode, message }) => {
    const outcome = await explain(...args)
    expect({ exitCode: outcome.exitCode, message: JSON.parse(outcome.stdout).error.message }).toEqual({
      exitCode,
      message,
    })
  })
})

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
    await given('p.yaml', POLICY)
    await mkdir(join(home.folder, 'tests'))
  })

  it('given tests that hold, says so; the policy is found beside the test file', async () => {
    await given('tests/t.yaml', TESTS)
    expect(await home.hoopctl(['policy', 'test', 'tests/t.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'ok    anyone reads\nok    big ids ask\ntests/t.yaml: 2 tests, 0 failed\n',
      stderr: '',
    })
  })

  it('given one that fails, says what was expected and exits with 3', async () => {
    await given('tests/t.yaml', FAILING)
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
    await given('tests/t.yaml', TESTS.replace('expect: ask', 'expect: maybe'))
    const { exitCode, stdout } = await home.hoopctl(['policy', 'test', 'tests/t.yaml'])
    expect({ exitCode, place: stdout.slice(0, 'tests/t.yaml:10:13: '.length) }).toEqual({
      exitCode: 3,
      place: 'tests/t.yaml:10:13: ',
    })
  })

  it('given a policy that is broken, says what is wrong with it', async () => {
    await given('p.yaml', BROKEN)
    await given('tests/t.yaml', TESTS)
    const { exitCode, stderr } = await home.hoopctl(['policy', 'test', 'tests/t.yaml'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('p.yaml:5:5: ') })
  })
})

describe('policy schema', () => {
  it('prints the file that the package ships', async () => {
    const file = join(import.meta.dirname, '..', '..', 'schema', 'policy.schema.json')
    const stdout = await readFile(file, 'utf8')
    expect(await home.hoopctl(['policy', 'schema'])).toEqual({ exitCode: 0, stdout, stderr: '' })
  })
})
