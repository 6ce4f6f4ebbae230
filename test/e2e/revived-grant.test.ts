import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encryptedFileStore } from '../../src/identity/encrypted-file-store.ts'
import { accountOf, openTokens, sealTokens, type Tokens } from '../../src/identity/tokens.ts'
import { startProvider, type TestProvider, type User } from '../identity/provider.ts'
import { eventually } from '../eventually.ts'
import { type Company, company, inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
let acme: Company
let space: Workspace
let version = 0

beforeAll(async () => {
  provider = await startProvider()
  space = await workspace({})
  await rm(space.policyFile)
  acme = await company(space.root)
  await publish([GRANT])
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: acme.caFile })
  expect(await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')).toMatchObject({
    exitCode: 0,
  })
}, 60_000)
afterAll(async () => {
  await acme[Symbol.asyncDispose]()
  await space[Symbol.asyncDispose]()
  await provider.close()
})

const GRANT = {
  name: 'notes-write',
  server: 'notes',
  who: { groups: ['engineering'] },
  duration: { default: '1h', max: '1h' },
  rules: [{ allow: { tool: 'write_note' } }],
}
const write = { name: 'write_note', arguments: { name: 'a.txt', content: 'x' } }

async function publish(grants: readonly object[]): Promise<void> {
  const servers = { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } }
  version += 1
  await acme.publish(version, { refresh: '30m', identity: identityAt(provider), servers, grants })
}

async function arrives(user: User): Promise<void> {
  const words = ['login', '--browser', '--store', 'file']
  expect(await inBrowser(user, provider, space, words)).toMatchObject({ exitCode: 0 })
}

/** Signs alice in, who asks for the grant and works. */
async function aliceWorks(): Promise<void> {
  await arrives('alice')
  const asked = await inBrowser('alice', provider, space, ['request', 'notes-write'])
  expect({ code: asked.exitCode, stderr: asked.stderr }).toMatchObject({ code: 0 })
  expect(await writes()).toBe(true)
}

/** Whether a session that begins now may write. */
async function writes(): Promise<boolean> {
  await using session = await connect('notes', space)
  for (;;) {
    const { isError = false, content } = await session.callTool(write)
    if (!isError || !JSON.stringify(content).includes('is being checked')) return !isError
  }
}

describe('[ATK-REVIVED-GRANT] a grant that was taken away', () => {
  it('given a policy without it, and then one with it, has ended, also where no session ran', async () => {
    await aliceWorks()
    await publish([])
    expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
    await publish([GRANT])
    expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
    expect(await writes()).toBe(false)
    expect((await space.hoopctl('grants')).stdout).toContain('notes-write on notes: ended at')
  })

  it('given that somebody else signed in, has ended, also once its person is back', async () => {
    await aliceWorks()
    await arrives('bob')
    await arrives('alice')
    expect(await writes()).toBe(false)
  })

  it('given that somebody signed in at another client of the provider, goes on: they replace nobody', async () => {
    await aliceWorks()
    const words = ['--store', 'file', '--issuer', provider.issuer, '--client-id', 'hoopctl-before']
    expect((await signIn('bob', provider, space, { words })).stdout).toContain('Signed in.')
    expect(await writes()).toBe(true)
  })

  it('given that the provider ended the sign-in, has ended, and a session that runs hears of it', async () => {
    await aliceWorks()
    const over = Promise.withResolvers<void>()
    await using session = await connect('notes', space, {
      prepare: (client) =>
        client.setNotificationHandler(ToolListChangedNotificationSchema, () => over.resolve()),
    })
    await endAtProvider()
    expect((await space.hoopctl('whoami')).exitCode).toBe(4)
    await over.promise
    await eventually(async () =>
      expect(JSON.stringify(await session.callTool(write))).toContain('hoopctl login'),
    )
    // Told by whoever found it out: nobody waited for this session to ask the provider by itself.
    const causes = (await sessionLogs(space)).flatMap(({ records }) => records.map(({ cause }) => cause))
    const told = causes.filter((cause) => typeof cause === 'string').join('; ')
    expect(told).toContain('ended notes-write: the provider has ended the sign-in')
    expect(told).toContain('sign-out')
    await arrives('alice')
    expect(await writes()).toBe(false)
  })
})

// What the provider confirmed seems older than it is, so that the next command renews it.
async function endAtProvider(): Promise<void> {
  const directory = join(space.home, 'state', 'tokens')
  const uid = process.getuid?.() ?? 0
  const store = encryptedFileStore({ directory, uid, key: 'machine', passphrase: async () => null })
  const of = { issuer: provider.issuer, clientId: 'hoopctl' }
  const entry = await store.get(accountOf(of))
  const kept = entry === null ? null : openTokens(entry, of)
  if (kept?.kind !== 'tokens') throw new Error('nothing is kept')
  const tokens: Tokens = { ...kept.tokens, confirmed: new Date(Date.now() - 16 * 60_000) }
  const token = tokens.refreshToken?.reveal() ?? ''
  const body = new URLSearchParams({ client_id: 'hoopctl', token })
  await fetch(`${provider.issuer}/token/revocation`, { method: 'POST', body })
  await store.set(accountOf(of), sealTokens(tokens))
}
