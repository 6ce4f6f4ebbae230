import { rm } from 'node:fs/promises'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { type Company, company, inBrowser } from './company.ts'
import { type Connected, connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
let acme: Company
let space: Workspace

beforeAll(async () => {
  provider = await startProvider()
  space = await workspace({})
  await rm(space.policyFile) // only the company's policy holds here
  acme = await company(space.root)
  await acme.publish(1, policy('9s'))
}, 60_000)
afterAll(async () => {
  await acme[Symbol.asyncDispose]()
  await space[Symbol.asyncDispose]()
  await provider.close()
})

function policy(longest: string, more: object[] = []): object {
  return {
    refresh: '30m',
    identity: identityAt(provider),
    servers: {
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } },
    },
    grants: [
      {
        name: 'notes-write',
        server: 'notes',
        who: { groups: ['engineering'] },
        activate: { reason: 'required' },
        duration: { default: longest, max: longest },
        rules: [{ allow: { tool: 'write_note' } }],
      },
    ],
    rules: more,
  }
}

const write = (name: string) => ({ name: 'write_note', arguments: { name, content: 'x' } })
const toolsOf = async ({ client }: Connected) => (await client.listTools()).tools.map(({ name }) => name)

it('a developer adds the signed policy, signs in, asks for a grant, works, and is refused after its end', async () => {
  const added = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  expect(added).toMatchObject({ exitCode: 8 }) // a CA that nobody knows here
  expect(added.stderr).toContain('NODE_EXTRA_CA_CERTS')
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: acme.caFile })
  const again = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  expect({ code: again.exitCode, stderr: again.stderr }).toMatchObject({ code: 0 })
  // From here on nobody has the variable: clients do not pass it on, and it was saved.
  Reflect.deleteProperty(space.env, 'NODE_EXTRA_CA_CERTS')
  expect(await signIn('alice', provider, space)).toMatchObject({ exitCode: 0 })
  expect(JSON.parse((await space.hoopctl('whoami', '--json')).stdout)).toMatchObject({
    subject: { sub: 'alice', groups: ['engineering'] },
    store: 'file',
  })

  const changes: (() => void)[] = []
  const changed = () => new Promise<void>((resolve) => void changes.push(resolve))
  await using alice = await connect('notes', space, {
    prepare: (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => changes.shift()?.()),
  })
  expect(await toolsOf(alice)).toEqual(['write_note']) // what she may ask for is shown
  const refused = JSON.stringify(await alice.callTool(write('early.txt')))
  expect(refused).toContain('hoopctl request notes-write --reason')

  const activated = changed()
  const words = ['request', 'notes-write', '--reason', 'INC-2211', '--json']
  const requested = await inBrowser('alice', provider, space, words)
  expect({ code: requested.exitCode, stderr: requested.stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse(requested.stdout)).toMatchObject({ name: 'notes-write', state: 'active' })
  await activated
  const ended = changed()
  expect((await alice.callTool(write('now.txt'))).isError ?? false).toBe(false)
  await ended // nobody does anything: its time is over
  expect((await alice.callTool(write('late.txt'))).isError).toBe(true)
  expect([await space.has('early.txt'), await space.has('now.txt'), await space.has('late.txt')]).toEqual([
    false,
    true,
    false,
  ])
})

it('a newer version takes effect in a running shim, and is recorded', async () => {
  const changed = Promise.withResolvers<void>()
  await using alice = await connect('notes', space, {
    prepare: (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve()),
  })
  expect((await alice.callTool(write('v1.txt'))).isError).toBe(true)
  await acme.publish(2, policy('9s', [{ allow: { tool: 'write_note' } }]))
  const refreshed = await space.hoopctl('policy', 'refresh')
  expect({ code: refreshed.exitCode, stderr: refreshed.stderr }).toMatchObject({ code: 0 })
  await changed.promise
  expect((await alice.callTool(write('v2.txt'))).isError ?? false).toBe(false)
  const status = JSON.parse((await space.hoopctl('status', '--json')).stdout)
  expect(status).toMatchObject({
    subject: { sub: 'alice' },
    policy: { name: 'acme', version: 2, signed: true },
    shims: [{ server: 'notes' }],
  })
  await alice.client.close()
  const { sessions } = JSON.parse((await space.hoopctl('sessions', 'list', '--json')).stdout)
  const { session } = sessions.at(-1)
  const { stdout } = await space.hoopctl('sessions', 'show', session)
  expect(stdout).toContain('acme version 2')
  expect((await space.hoopctl('sessions', 'verify', session)).exitCode).toBe(0)
})

it('an older version is refused, and the last good one stays in force [ATK-ROLLBACK]', async () => {
  await acme.putBack(1)
  expect((await space.hoopctl('policy', 'refresh')).exitCode).toBe(7)
  await using alice = await connect('notes', space)
  expect((await alice.callTool(write('v2-still.txt'))).isError ?? false).toBe(false)
  await acme.putBack(2)
})

it('somebody of another group is refused the grant, and told no name of it in a denial', async () => {
  await acme.publish(3, policy('9s'))
  expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
  expect(await signIn('bob', provider, space)).toMatchObject({ exitCode: 0 })
  const requested = await space.hoopctl('request', 'notes-write', '--reason', 'x')
  expect(requested.exitCode).toBe(5)
  await using bob = await connect('notes', space)
  expect(await toolsOf(bob)).toEqual([])
  expect(JSON.stringify(await bob.callTool(write('bob.txt')))).not.toContain('notes-write')
})

it('a command that the policy does not name is not wrapped', async () => {
  const { command, args } = space.wrap('--', NODE, fixture('legacy-server.mjs'), space.path())
  const { exitCode, stderr } = await space.hoopctl(...args.slice(1))
  expect([command, exitCode]).toEqual([NODE, 2])
  expect(stderr).toContain('lets nobody wrap a command')
})
