import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeKeys, pinOf, signed, trustFile } from '../cli/central/publisher.ts'
import { eventually } from '../eventually.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'
import { claude } from './claude.ts'
import { type Connected, connect } from './connect.ts'
import { connectV2 } from './connect-v2.ts'
import { fixture, NODE, ROOT } from './repo.ts'
import { serverOf, sessionLogs, verify } from './session-logs.ts'
import { appears, identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

const why = whyNoRadosgw()
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

let provider: TestProvider
beforeAll(async () => {
  const install = join(ROOT, 'scripts', 'install-folder.mjs')
  await execa(NODE, [install, join(ROOT, 'test', 'clients')], { stdio: 'inherit' }) // where it is not there yet
  provider = await startProvider({ certified: true })
}, 600_000)
afterAll(() => provider.close())

function policyFor(space: Workspace): Buffer {
  const policy = {
    apiVersion: 'hoopctl/v1',
    kind: 'Policy',
    metadata: { name: 'acme', version: 1, expires: new Date(Date.now() + 7 * 86_400_000).toISOString() },
    identity: identityAt(provider),
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
    rules: [{ allow: { tool: 'write_note' } }, { allow: { prompt: '*' } }],
  }
  return signed(JSON.stringify(policy), keys)
}

/** A client that was started before there was a policy, and what it hears of its lists. */
async function early(space: Workspace): Promise<{ connected: Connected; changed: Promise<void> }> {
  const changed = Promise.withResolvers<void>()
  const connected = await connect('notes', space, {
    prepare: (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve()),
  })
  return { connected, changed: changed.promise }
}

const toolsOf = async ({ client }: Connected) => (await client.listTools()).tools.map(({ name }) => name)
const write = (name: string) => ({ name: 'write_note', arguments: { name, content: 'x' } })
const login = (space: Workspace) =>
  signIn('alice', provider, space, {
    words: ['--store', 'file', '--issuer', provider.issuer, '--client-id', 'hoopctl'],
  })
const forget = (space: Workspace) => rm(join(space.home, 'state', 'policies'), { recursive: true })

/** A machine of somebody who is signed in, and whose policy cannot be had until it is plugged in again. */
async function unplugged(space: Workspace): Promise<() => Promise<void>> {
  await rm(space.policyFile)
  const site = join(space.root, 'site')
  await mkdir(join(site, 'trust'), { recursive: true })
  await writeFile(join(site, 'trust', '1.jws'), trust)
  await writeFile(join(site, 'acme.jws'), policyFor(space))
  const added = await space.hoopctl('policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes')
  expect(added).toMatchObject({ exitCode: 0 })
  expect(await login(space)).toMatchObject({ exitCode: 0 })
  await rename(site, `${site}.away`)
  await forget(space)
  return async () => {
    await rename(`${site}.away`, site)
    expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
  }
}

it('given a source that was away, `policy refresh` brings the tools to the client that runs, and the log tells it', async () => {
  await using space = await workspace({})
  const plug = await unplugged(space)
  const { connected, changed } = await early(space)
  await using _client = connected
  expect(connected.client.getInstructions()).toContain('there is no policy to decide by')
  expect(await toolsOf(connected)).toEqual([])
  expect((await connected.callTool(write('early.txt'))).isError).toBe(true)
  expect(await sessionLogs(space)).toEqual([])

  await plug()
  await changed
  expect(await toolsOf(connected)).toEqual(['write_note'])
  expect((await connected.client.listPrompts()).prompts).not.toEqual([])
  expect((await connected.callTool(write('now.txt'))).isError ?? false).toBe(false)
  expect((await connected.callTool({ name: 'delete_note', arguments: { name: 'now.txt' } })).isError).toBe(
    true,
  )
  expect([await space.has('early.txt'), await space.has('now.txt')]).toEqual([false, true])

  await connected.client.close()
  const [log, ...others] = await sessionLogs(space)
  if (log === undefined) throw new Error('there is no log')
  expect([serverOf(log), others]).toEqual(['notes', []])
  expect(log.records.find(({ kind }) => kind === 'request')).toMatchObject({
    from: 'hoopctl',
    method: 'initialize',
    decision: { effect: 'allow', why: 'its client was answered before there was a policy' },
    message: { params: { clientInfo: { name: 'e2e', version: '1.0.0' } } },
  })
  expect(await verify(space, [log])).toMatchObject([{ ok: true, state: 'complete' }])
})

it('given a client that asks for the newer protocol first, brings it the tools by the older one', async () => {
  await using space = await workspace({})
  const plug = await unplugged(space)
  const changed = Promise.withResolvers<void>()
  await using connected = await connectV2('notes', space, 'auto', {
    prepare: (client) =>
      client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve()),
  })
  expect((await connected.client.listTools()).tools).toEqual([])
  await plug()
  await changed.promise
  expect((await connected.callTool(write('now.txt'))).isError ?? false).toBe(false)
  expect(await space.has('now.txt')).toBe(true)
})

it('a stock Claude Code that was started without a policy gets the tools without a restart', async () => {
  await using space = await workspace({})
  const plug = await unplugged(space)
  const [asked, ready] = [space.path('asked'), space.path('ready')]
  const seen = claude(space.wrap('notes'), space, [
    { tool: 'Bash', input: { command: `touch ${asked}; until [ -e ${ready} ]; do sleep 0.1; done` } },
    { tool: 'mcp__s__write_note', input: { name: 'claude.txt', content: 'x' } },
  ])
  await Promise.race([appears(asked), seen]) // one that ends by itself must not be waited for
  await plug()
  await eventually(async () => {
    const told = (await sessionLogs(space)).flatMap(({ records }) => records.map(({ method }) => method))
    expect(told).toContain('notifications/tools/list_changed')
  })
  await writeFile(ready, '')
  expect((await seen).results.map(({ error }) => error)).toEqual([false, false])
  expect(await space.has('claude.txt')).toBe(true)
})

it.skipIf(why !== null)(
  `given a policy that only a sign-in fetches${why === null ? '' : ` (${why})`}, a sign-in brings the tools to the client that runs`,
  async () => {
    await using store = await startRadosgw()
    await using space = await workspace({})
    await rm(space.policyFile)
    const { endpoint, region, admin } = store
    const owner = new S3Client({ endpoint, region, forcePathStyle: true, credentials: admin })
    await owner.send(new CreateBucketCommand({ Bucket: 'acme' }))
    await owner.send(new PutObjectCommand({ Bucket: 'acme', Key: 'trust/1.jws', Body: trust }))
    await owner.send(new PutObjectCommand({ Bucket: 'acme', Key: 'acme.jws', Body: policyFor(space) }))
    owner.destroy()
    const role = await webIdentityRole(store, {
      issuer: provider.issuer,
      clientId: 'hoopctl',
      bucket: 'acme',
    })
    Object.assign(space.env, { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region })
    expect(await login(space)).toMatchObject({
      exitCode: 0, // there is no policy yet that it could count for
      stdout: expect.stringContaining('It does not count yet: there is no policy'),
    })
    const from = ['s3://acme/acme.jws', '--role', role, '--trust', pinOf(trust), '--yes']
    expect(await space.hoopctl('policy', 'add', ...from)).toMatchObject({ exitCode: 0 })
    expect(await space.hoopctl('logout')).toMatchObject({ exitCode: 0 })
    await forget(space)

    const { connected, changed } = await early(space)
    await using _client = connected
    expect(connected.client.getInstructions()).toMatch(/nobody is signed in.*hoopctl login/)
    expect(await toolsOf(connected)).toEqual([])
    expect(await login(space)).toMatchObject({ exitCode: 0 })
    await changed
    expect(await toolsOf(connected)).toEqual(['write_note'])
    expect((await connected.callTool(write('now.txt'))).isError ?? false).toBe(false)
    expect(await space.has('now.txt')).toBe(true)
  },
)
