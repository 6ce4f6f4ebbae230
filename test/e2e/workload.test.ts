import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startProvider, type TestProvider, WORKLOAD } from '../identity/provider.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

// One for people, one for machines, as with a company's provider and a forge's.
let people: TestProvider
let provider: TestProvider
beforeAll(async () => {
  people = await startProvider()
  provider = await startProvider()
})
afterAll(async () => {
  await people.close()
  await provider.close()
})

/** A space whose policy gives notes to the workloads of a client, and nothing to people. */
function spaceFor(client: string): Promise<Workspace> {
  const named = { issuer: provider.issuer, audience: WORKLOAD.audience }
  const workloads = [{ ...named, groups: ['ci'], when: `claims.sub == "${client}"` }]
  return workspace({
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: {
      identity: { ...identityAt(people), workloads },
      grants: [
        {
          name: 'builds',
          server: 'notes',
          who: { groups: ['ci'] },
          when: 'subject.kind == "workload"',
          activate: { mode: 'session' },
          rules: [{ allow: { tool: 'write_note' } }],
        },
      ],
    },
  })
}

const signIn = (space: Workspace, ...words: string[]) =>
  space.hoopctl('login', '--workload', 'client', '--issuer', provider.issuer, ...words)
const write = { name: 'write_note', arguments: { name: 'built.txt', content: 'x' } }

it.each([
  { how: 'a secret', client: 'ci', flag: '--secret-file', secret: () => WORKLOAD.secret },
  { how: 'a private key', client: 'ci-key', flag: '--key-file', secret: () => provider.workloadKey },
])('a workload that shows itself by $how works without a person', async ({ client, flag, secret }) => {
  await using space = await spaceFor(client)
  const file = join(space.root, 'secret')
  await writeFile(file, secret(), { mode: 0o600 })
  const signedIn = await signIn(space, '--client-id', client, flag, file)
  expect({ code: signedIn.exitCode, stderr: signedIn.stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse((await space.hoopctl('whoami', '--json')).stdout)).toMatchObject({
    subject: { issuer: provider.issuer, sub: client, groups: ['ci'], kind: 'workload' },
    store: null,
  })
  await using connected = await connect('notes', space)
  expect((await connected.callTool(write)).isError ?? false).toBe(false)
  expect(await space.has('built.txt')).toBe(true)
})

it('a workload whose claims meet no condition is nobody, and told so', async () => {
  await using space = await spaceFor('another')
  const file = join(space.root, 'secret')
  await writeFile(file, WORKLOAD.secret, { mode: 0o600 })
  const signedIn = await signIn(space, '--client-id', 'ci', '--secret-file', file)
  expect(signedIn.exitCode).toBe(4)
  expect(signedIn.stderr).toContain('no condition under `identity.workloads` holds')
  await using connected = await connect('notes', space)
  expect((await connected.client.listTools()).tools).toEqual([])
  expect((await connected.callTool(write)).isError).toBe(true)
  expect(await space.has('built.txt')).toBe(false)
})

it('a token file that is not there is named, with what to look at', async () => {
  await using space = await spaceFor('ci')
  const { exitCode, stderr } = await space.hoopctl('login', '--workload', 'no-such-token')
  expect(exitCode).toBe(4)
  expect(stderr).toContain(join(space.root, 'no-such-token'))
})
