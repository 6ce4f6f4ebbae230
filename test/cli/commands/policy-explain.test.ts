import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POLICY } from '../a-policy.ts'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

const HEAD = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: two }
servers: { db: {}, files: {} }
rules:
`

describe('policy explain', () => {
  beforeEach(() => home.write('p.yaml', POLICY))
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

  it.each([
    {
      given: 'no server and a call that no rule covers',
      args: ['--call', '{"name":"write_file"}'],
      hint: 'hoopctl: this policy has rules for files: add --server files\n',
    },
    { given: 'a server', args: ['--server', 'cased', '--call', '{"name":"write_file"}'], hint: '' },
    { given: 'a call that a rule covers', args: ['--call', '{"name":"read_file"}'], hint: '' },
    { given: 'a method that no rule is about', args: ['--call', '{"method":"tools/list"}'], hint: '' },
  ])('given $given, hints on stderr: $hint', async ({ args, hint }) => {
    const { exitCode, stdout, stderr } = await explain(...args)
    expect({ exitCode, stderr, keys: Object.keys(JSON.parse(stdout) as object) }).toEqual({
      exitCode: 0,
      stderr: hint,
      keys: ['effect', 'rules', 'grants', 'facts', 'why'],
    })
  })

  it('given rules for several servers, hints once for all calls', async () => {
    const rules = ['allow: { tool: a, server: [db, files] }', 'deny: { tool: "*", server: db }']
    await home.write('p.yaml', `${HEAD}${rules.map((rule) => `  - ${rule}\n`).join('')}`)
    const args = ['policy', 'explain', '--policy', 'p.yaml', '--calls', '-']
    const { stderr } = await home.hoopctl(args, { input: '{"name":"a"}\n{"name":"b"}\n' })
    expect(stderr).toBe('hoopctl: this policy has rules for db, files: add --server NAME\n')
  })

  it('given --as, decides for that subject, and reads numbers with all their digits', async () => {
    await home.write('dba.json', '{"email":"bob@acme.example","groups":["dba"],"kind":"human"}')
    const calls = [
      '{"name":"pay","arguments":{"id":9007199254740993}}',
      '{"name":"pay","arguments":{"id":9007199254740992}}',
    ]
    await home.write('calls.jsonl', `${calls.join('\n')}\n`)
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
        'call 1: ask: one asks\n  rules   rules.big-ids-ask (p.yaml:21)\n',
        '  asks    one person (rules.big-ids-ask)\n',
        '          proven by `terminal`: somebody at a terminal of this user\n',
        '          held for 45s, then queued, until 30m after it was asked; an answer counts for 10m\n',
        '  grants  files-write, files-list\n',
        'call 2: no call: a call is a JSON object\n',
        '  hint: a call is a JSON-RPC request or {"name":"a_tool","arguments":{}}, on one line\n',
        'call 3: deny: no rule in force covers the tool `x\\u{202e}`\n  grants  files-write, files-list\n',
      ].join(''),
    })
  })

  it('given rules with reasons, tells each on a line of its own, with its place', async () => {
    const rules = [
      '  - name: no-prod',
      '    deny: { tool: deploy }',
      '    reason: "ask the \\u202Eoperators"',
      '  - deny: { tool: "dep*" }',
      '  - allow: { tool: "*" }',
      '    reason: said by no denial',
    ]
    await home.write('r.yaml', POLICY.replace(/^rules:\n[^]*/m, `rules:\n${rules.join('\n')}\n`))
    const explain = ['policy', 'explain', '--policy', 'r.yaml', '--call', '{"name":"deploy"}']
    expect(await home.hoopctl(explain)).toEqual({
      exitCode: 0,
      stdout: [
        'deny: 2 deny',
        '  rules   rules.no-prod (r.yaml:20): ask the \\u{202e}operators',
        '          rules[1] (r.yaml:23)\n',
      ].join('\n'),
      stderr: '',
    })
    const why = { effect: 'deny', rules: ['rules.no-prod', 'rules[1]'], grants: [], facts: {}, why: '2 deny' }
    const { stdout } = await home.hoopctl([...explain, '--json'])
    expect(JSON.parse(stdout)).toEqual(why)
  })

  it('given rules that ask, tells who must answer, and how', async () => {
    const policy = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
identity: { issuer: "https://id.example", clientId: c, approvals: { clientId: c2 } }
rules:
  - ask: { tool: drop }
    name: four-eyes
    approval:
      by: { groups: [dba], emails: [eve@acme.example] }
      count: 2
      proof: oidc
      confirm: type
      wait: 30s
      onTimeout: deny
      message: "look \\u202Etwice"
  - ask: { tool: "d*" }
    approval: { edit: true, remember: { count: 5, for: 2h } }
  - ask: { tool: done }
    approval: { edit: true, remember: { count: 3, for: 90m } }
  - ask: { serverRequest: roots }
`
    await home.write('ask.yaml', policy)
    const explain = (...args: string[]) =>
      home.hoopctl(['policy', 'explain', '--policy', 'ask.yaml', ...args])
    const { stdout } = await explain('--call', '{"name":"drop"}')
    expect(stdout.split('\n')).toEqual([
      'ask: 2 ask',
      '  rules   rules.four-eyes (ask.yaml:6)',
      '          rules[1] (ask.yaml:16)',
      '  asks    2 people of the group `dba` and eve@acme.example, not who asks (rules.four-eyes)',
      '          one person (rules[1])',
      '          proven by `oidc`: somebody who signs in anew, who types a word of the call',
      '          held for 30s, then denied; an answer counts for 10m',
      '          says: look \\u{202e}twice',
      '',
    ])
    const { stdout: done } = await explain('--call', '{"name":"done"}')
    expect(done.split('\n').slice(-4)).toEqual([
      '          held for 45s, then queued, until 30m after it was asked; an answer counts for 10m',
      '          the arguments may be changed while it is held',
      '          an answer may cover the same call 3 times within 90m',
      '',
    ])
    const { stdout: roots } = await explain('--call', '{"method":"roots/list"}')
    expect(roots.split('\n').slice(-2)).toEqual([
      '  asks    nobody: what a server requests cannot wait for a person, so it is denied',
      '',
    ])
    const json = JSON.parse((await explain('--json', '--call', '{"name":"done"}')).stdout)
    expect(json).toMatchObject({ effect: 'ask', approval: { proof: 'terminal', edit: true, waitMs: 45_000 } })
    expect(JSON.parse((await explain('--json', '--call', '{"method":"roots/list"}')).stdout)).toEqual({
      effect: 'ask',
      rules: ['rules[3]'],
      grants: [],
      facts: {},
      why: 'one asks',
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
