import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Home } from '../hoopctl.ts'

const POLICY = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 42 }
identity:
  issuer: https://login.acme.example
  clientId: hoopctl
servers:
  db:
    verbs:
      query: [{ tool: list_tables }, { tool: query, when: args.mode == "read" }]
grants:
  - name: orders-read
    server: db
    who: { groups: [engineering] }
    when: client.name != "cursor" && subject.issuer == "https://login.acme.example"
    activate: { mode: session }
    rules: [{ allow: { verb: query } }]
  - name: orders-write
    server: db
    who: { emails: [ann@acme.example] }
    rules: [{ allow: { tool: query } }]
rules:
  - deny: { tool: drop }
`

let home: Home
beforeEach(async () => {
  home = await freshHome()
  await home.write('p.yaml', POLICY)
  await home.write('ann.json', '{"email":"ann@acme.example","groups":["engineering"],"kind":"human"}')
  await home.write('bob.json', '{"email":"bob@acme.example","groups":["engineering"],"kind":"human"}')
})
afterEach(() => home[Symbol.asyncDispose]())

describe('policy explain with grants', () => {
  const WRITE = '{"name":"query","arguments":{"mode":"write"}}'
  const READ = '{"name":"query","arguments":{"mode":"read"}}'

  it.each([
    { as: 'ann', grant: [], call: READ, effect: 'allow', grants: ['orders-read', 'orders-write'] },
    { as: 'ann', grant: [], call: WRITE, effect: 'allow', grants: ['orders-read', 'orders-write'] },
    { as: 'ann', grant: ['orders-read'], call: WRITE, effect: 'deny', grants: ['orders-read'] },
    { as: 'bob', grant: [], call: READ, effect: 'allow', grants: ['orders-read'] },
    { as: 'bob', grant: [], call: WRITE, effect: 'deny', grants: ['orders-read'] },
    { as: 'bob', grant: ['orders-write'], call: WRITE, effect: 'deny', grants: [] },
    { as: null, grant: [], call: READ, effect: 'deny', grants: [] },
  ])('given $as and --grant $grant, counts $grants', async ({ as, grant, call, effect, grants }) => {
    const args = ['--policy', 'p.yaml', '--server', 'db', '--call', call, '--json']
    if (as !== null) args.push('--as', `${as}.json`)
    args.push(...grant.flatMap((name) => ['--grant', name]))
    const { exitCode, stdout, stderr } = await home.hoopctl(['policy', 'explain', ...args])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ effect, grants })
  })

  it('given a call that another grant covers, says to a person why that does not count', async () => {
    const args = ['--policy', 'p.yaml', '--server', 'db', '--call', WRITE, '--as', 'bob.json']
    const { stdout } = await home.hoopctl(['policy', 'explain', ...args])
    expect(stdout).toBe(
      'deny: no rule in force covers the tool `query`; the grant `orders-write` covers it, and does not count: it is for ann@acme.example\n  grants  orders-read\n',
    )
  })
})

describe('policy test with grants', () => {
  it('given subjects and grants, counts those that each may activate', async () => {
    await home.write(
      't.yaml',
      `kind: PolicyTest
policy: p.yaml
tests:
  - name: an engineer reads
    as: { groups: [engineering] }
    server: db
    call: { name: list_tables }
    expect: allow
    rules: ["grants.orders-read.rules[0]"]
  - name: ann writes
    as: { email: ann@acme.example }
    server: db
    call: { name: query, arguments: { mode: write } }
    expect: allow
  - name: bob does not, whatever is named
    as: { email: bob@acme.example, groups: [engineering] }
    server: db
    grants: [orders-write]
    call: { name: query, arguments: { mode: write } }
    expect: deny
  - name: ann does not without the grant
    as: { email: ann@acme.example, groups: [engineering] }
    server: db
    grants: [orders-read]
    call: { name: query, arguments: { mode: write } }
    expect: deny
`,
    )
    const { exitCode, stdout } = await home.hoopctl(['policy', 'test', 't.yaml'])
    expect({ exitCode, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      exitCode: 0,
      last: 't.yaml: 4 tests, 0 failed',
    })
  })
})
