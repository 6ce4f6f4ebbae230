import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordSession } from '../cli/recorded-session.ts'
import { EVIDENCE, startProvider, type TestProvider, WORKLOAD } from '../identity/provider.ts'
import { type Admits, type EvidenceServer, startEvidenceServer, tokensOf } from '../remote/evidence-server.ts'
import { type Company, company, inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

const [AUDIENCE = ''] = EVIDENCE
const UNDER = { name: 'acme', version: 1, digest: '0'.repeat(64), signed: true }
const LOGIN = ['login', '--browser', '--store', 'file']

let provider: TestProvider
let server: EvidenceServer
let admits: Admits
let space: Workspace
let acme: Company
beforeEach(async () => {
  provider = await startProvider()
  admits = tokensOf(provider.issuer, AUDIENCE)
  server = await startEvidenceServer((token) => admits(token))
  space = await workspace({})
  await rm(space.policyFile) // only the company's policy holds here
  acme = await company(space.root)
  const caFile = join(space.root, 'cas.pem')
  await writeFile(caFile, (await readFile(acme.caFile, 'utf8')) + (await readFile(server.caFile, 'utf8')))
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: caFile })
}, 60_000)
afterEach(async () => {
  for (const part of [acme, space, server, provider]) await part[Symbol.asyncDispose]()
})

function policy(uploads: boolean, identity: object = {}): object {
  const to = [{ url: new URL('hoopctl/', server.url).href, audience: AUDIENCE }]
  return {
    refresh: '30m',
    identity: { ...identityAt(provider), ...identity },
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
    rules: [{ allow: { tool: '*' } }],
    ...(uploads && { audit: { upload: { to } } }),
  }
}

async function addPolicy(sections: object): Promise<void> {
  await acme.publish(1, sections)
  const added = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  expect({ code: added.exitCode, stderr: added.stderr }).toMatchObject({ code: 0 })
  // From here on nobody has the variable: clients do not pass it on, and it was saved.
  Reflect.deleteProperty(space.env, 'NODE_EXTRA_CA_CERTS')
}

const record = () => recordSession({ stateDirectory: join(space.home, 'state'), calls: [], policy: UNDER })
const upload = () => space.hoopctl('sessions', 'upload')
const held = () => [...server.objects].map(([path, bytes]) => ({ path, text: Buffer.from(bytes).toString() }))

describe('sessions of a signed policy that sends them to a web server', () => {
  it('wait until somebody signs in, go there with an access token for it, and are told of; a session that ran too, by itself', async () => {
    await addPolicy(policy(true))
    const { session, path } = record()
    const before = await upload()
    expect({ code: before.exitCode, stderr: before.stderr }).toEqual({
      code: 4,
      stderr: 'hoopctl: nobody is signed in\n  hint: run: hoopctl login\n',
    })
    const tryOut = () => space.hoopctl('sessions', 'upload', '--check')
    const at = new URL('hoopctl/', server.url).href
    expect(await tryOut()).toMatchObject({
      exitCode: 4,
      stdout: `${at}: nobody is signed in\n  hint: run: hoopctl login\n`,
    })
    expect(await inBrowser('alice', provider, space, LOGIN)).toMatchObject({ exitCode: 0 })
    expect(await tryOut()).toMatchObject({
      exitCode: 0,
      stdout: `${at}: can be read and written; nothing was left there\n`,
    })
    expect(held()).toEqual([])
    const sent = await upload()
    expect({ code: sent.exitCode, stderr: sent.stderr }).toEqual({ code: 0, stderr: '' })
    expect(held()).toEqual([
      {
        path: `/hoopctl/2026-11-21/orders-db/alice/${session}/0000000000.jsonl`,
        text: readFileSync(path, 'utf8'),
      },
    ])
    expect((await space.hoopctl('status')).stdout).toContain(
      `${new URL('hoopctl/', server.url).href}: 1 session, all are there`,
    )

    const client = await connect('notes', space)
    await client.callTool({ name: 'write_note', arguments: { name: 'n.txt', content: 'x' } })
    await client.client.close()
    const ran = (await sessionLogs(space)).find((log) => log.path !== path)
    await vi.waitFor(
      () => {
        const texts = held().filter((each) => each.path.includes('/notes/alice%40acme.example/'))
        const whole = texts.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ text }) => text)
        expect(whole.join('')).toBe(readFileSync(ran?.path ?? '', 'utf8'))
      },
      { timeout: 60_000, interval: 100 },
    )
    expect(provider.grants.has('failed:refresh_token')).toBe(false)
  })

  it('given a sign-in from before the policy named it, says so, keeps the sign-in, and goes on after the next', async () => {
    await addPolicy(policy(false))
    expect(await signIn('alice', provider, space)).toMatchObject({ exitCode: 0 })
    await acme.publish(2, policy(true))
    expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
    record()
    record()
    const early = await upload()
    expect(early.exitCode).toBe(4)
    expect(early.stdout).toContain('2 sessions, nothing sent, 2 not whole there yet')
    expect(early.stderr).toBe(
      `hoopctl: no access token for \`${AUDIENCE}\`: the sign-in is from before the policy named it\n  hint: run: hoopctl login\n`,
    )
    expect(await space.hoopctl('whoami')).toMatchObject({ exitCode: 0 })
    expect(await signIn('alice', provider, space)).toMatchObject({ exitCode: 0 }) // with a code: the device flow asks for it too
    expect(await upload()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(held()).toHaveLength(2)
  })

  it('given a provider or a server that is away, ends with 8 and loses nothing', async () => {
    await addPolicy(policy(true))
    expect(await inBrowser('alice', provider, space, LOGIN)).toMatchObject({ exitCode: 0 })
    const { session } = record()
    provider.fail(503)
    const noProvider = await upload()
    expect({ code: noProvider.exitCode, stderr: noProvider.stderr }).toMatchObject({ code: 8 })
    expect(noProvider.stderr).toContain('cannot answer now (503)')
    provider.fail(null)
    server.lie = (_request, response) => void response.writeHead(403).end()
    const refused = await upload()
    expect(refused).toMatchObject({ exitCode: 8 })
    expect(refused.stderr).toContain('may not be written (403)')
    server.lie = null
    expect(await upload()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(held()).toHaveLength(1)
    expect(await space.hoopctl('sessions', 'verify', '--remote', session)).toMatchObject({ exitCode: 0 })
    const listed = await space.hoopctl('sessions', 'verify', new URL('hoopctl/', server.url).href)
    expect(listed).toMatchObject({ exitCode: 3 })
    expect(listed.stderr).toContain('cannot be listed: https has no way to ask for names')
    for (const [path] of server.objects) server.objects.set(path, Buffer.from('{}'))
    expect(await space.hoopctl('sessions', 'verify', '--remote', session)).toMatchObject({ exitCode: 7 })
  })

  it('given web servers with and without `scope`, a sign-in asks for what each needs', async () => {
    const to = [
      { url: server.url.href, audience: AUDIENCE },
      { url: new URL('more/', server.url).href, audience: AUDIENCE },
      { url: new URL('other/', server.url).href, audience: 'e3b0c442', scope: 'groups offline_access' },
    ]
    const identity = { scopes: ['openid', 'email'] }
    await addPolicy({ ...policy(false, identity), audit: { upload: { to } } })
    const { stderr } = await inBrowser('alice', provider, space, LOGIN)
    const asked = new URL(/http:\S+\/auth\?\S+/u.exec(stderr)?.[0] ?? '').searchParams
    expect(asked.getAll('resource')).toEqual([AUDIENCE])
    expect(asked.get('scope')).toBe('openid email groups offline_access')
  })

  it('given a server that refuses one session, sends the others; one that refuses all is not asked for each', async () => {
    await addPolicy(policy(true))
    expect(await inBrowser('alice', provider, space, LOGIN)).toMatchObject({ exitCode: 0 })
    const { session } = record()
    for (let more = 0; more < 30; more += 1) record()
    server.lie = (_request, response) => void response.writeHead(413).end()
    const before = server.seen.length
    expect(await upload()).toMatchObject({ exitCode: 8 })
    expect(server.seen.length - before).toBe(25)
    server.refuses = (path) => path.includes(session)
    server.lie = null
    const { exitCode, stdout, stderr } = await upload()
    expect(exitCode).toBe(8)
    expect(stdout).toContain('31 sessions, sent 30 segments')
    expect(stdout).toContain('1 not whole there yet')
    expect(stderr).toContain(`/${session}/0000000000.jsonl\` may not be written (403)`)
    expect(held()).toHaveLength(30)
  })

  it('given a workload with client credentials, goes there with a token of its own', async () => {
    await using machines = await startProvider()
    admits = tokensOf(machines.issuer, AUDIENCE)
    const workloads = [
      { issuer: machines.issuer, audience: WORKLOAD.audience, groups: ['ci'], when: 'claims.sub == "ci"' },
    ]
    await addPolicy(policy(true, { workloads }))
    const secret = join(space.root, 'secret')
    await writeFile(secret, WORKLOAD.secret, { mode: 0o600 })
    const words = ['--issuer', machines.issuer, '--client-id', 'ci', '--secret-file', secret]
    const signedIn = await space.hoopctl('login', '--workload', 'client', ...words)
    expect({ code: signedIn.exitCode, stderr: signedIn.stderr }).toMatchObject({ code: 0 })
    record()
    const sent = await upload()
    expect({ code: sent.exitCode, stderr: sent.stderr }).toEqual({ code: 0, stderr: '' })
    expect(held()).toHaveLength(1)
  })
})
