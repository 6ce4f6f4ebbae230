import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKeys, pinOf, signed, trustFile } from '../cli/central/publisher.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { startForwardProxy } from '../remote/forward-proxy.ts'
import { startHttpsServer } from '../remote/https-server.ts'
import { inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { appears, identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
}, 60_000)
afterAll(() => provider.close())

const signedInSpace = () => workspace({ policy: { identity: identityAt(provider) } })

/** A machine with a screen, whose browser notes what it was asked to open. */
async function withBrowser(space: Workspace): Promise<{ env: Record<string, string>; opened: string }> {
  const [folder, opened] = [space.path('bin'), space.path('opened')]
  await mkdir(folder)
  for (const name of ['xdg-open', 'open']) {
    const script = `#!/bin/sh\nprintf %s "$1" > ${opened}.new && mv ${opened}.new ${opened}\n`
    await writeFile(join(folder, name), script)
    await chmod(join(folder, name), 0o755)
  }
  return { env: { DISPLAY: ':0', PATH: `${folder}:/usr/bin:/bin` }, opened }
}

describe('a browser', () => {
  it('given a machine with a screen, is asked to open the address with the code in it, and the person is told', async () => {
    await using space = await signedInSpace()
    const { env, opened } = await withBrowser(space)
    const { exitCode, stderr } = await signIn('alice', provider, space, { env })
    expect(exitCode).toBe(0)
    await appears(opened)
    const url = new URL(await readFile(opened, 'utf8'))
    expect(url.origin + url.pathname).toBe(`${provider.issuer}/device`)
    const code = /│([^│]+)│/u.exec(stderr)?.[1]?.replaceAll(/\s/gu, '')
    expect(url.searchParams.get('user_code')).toBe(code)
    expect(stderr).toContain('Your browser was asked to open it. Check that it shows the code above.')
  })

  it.each([
    { given: 'a person who is there over SSH', more: { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' } },
    { given: 'a machine without a screen', more: { DISPLAY: '' } },
  ])('given $given, is not asked: the address is shown', async ({ more }) => {
    await using space = await signedInSpace()
    const { env, opened } = await withBrowser(space)
    const { exitCode, stderr } = await signIn('alice', provider, space, { env: { ...env, ...more } })
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`Type it at: ${provider.issuer}/device`)
    expect(stderr).not.toContain('browser')
    expect(existsSync(opened)).toBe(false)
  })

  it('given `--browser`, opens the address that is shown', async () => {
    await using space = await signedInSpace()
    const { env, opened } = await withBrowser(space)
    Object.assign(space.env, env)
    const ended = await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file'])
    expect(ended.exitCode).toBe(0)
    await appears(opened)
    expect(ended.stderr).toContain(`Your browser was asked to open:\n\n  ${await readFile(opened, 'utf8')}\n`)
  })

  it('given `--browser` over SSH, only shows the address', async () => {
    await using space = await signedInSpace()
    const { env, opened } = await withBrowser(space)
    Object.assign(space.env, env, { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' })
    const ended = await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file'])
    expect(ended.exitCode).toBe(0)
    expect(ended.stderr).toContain('Open this in a browser on this machine:')
    expect(existsSync(opened)).toBe(false)
  })
})

it('saves the proxy and the CA file that it ran with, and `wrap` finds them in the small environment of clients', async () => {
  const keys = makeKeys(1)
  const trust = trustFile({ number: 1, signers: keys })
  await using space = await workspace({})
  const policy = {
    apiVersion: 'hoopctl/v1',
    kind: 'Policy',
    metadata: { name: 'acme', version: 1, expires: new Date(Date.now() + 86_400_000).toISOString() },
    identity: identityAt(provider),
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
    rules: [{ allow: { tool: 'write_note' } }],
  }
  const files = new Map([
    ['/trust/1.jws', trust],
    ['/acme.jws', signed(JSON.stringify(policy), keys)],
  ])
  const host = 'policy.acme.example'
  await using server = await startHttpsServer(
    ({ url }, response) => {
      const file = files.get(url)
      response.writeHead(file === undefined ? 404 : 200).end(file)
    },
    [`DNS:${host}`],
  )
  const port = Number(new URL(server.url).port)
  await using proxy = await startForwardProxy({ hosts: { [`${host}:443`]: port } })
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: server.caFile }
  const words = ['--store', 'file', '--issuer', provider.issuer, '--client-id', 'hoopctl']
  await signIn('alice', provider, space, { words, env }) // for a policy that is yet to come
  expect(Object.keys(space.env)).toEqual(['HOME', 'PATH', 'HOOPCTL_HOME'])
  const add = ['policy', 'add', `https://${host}/acme.jws`, '--trust', pinOf(trust), '--yes']
  expect(await space.hoopctl(...add)).toMatchObject({ exitCode: 0 })
  await rm(join(space.home, 'state', 'policies'), { recursive: true }) // so that `wrap` has to fetch it
  const before = proxy.asked.length
  await using connected = await connect('notes', space)
  expect((await connected.client.listTools()).tools.map(({ name }) => name)).toEqual(['write_note'])
  expect(proxy.asked.length).toBeGreaterThan(before)
})
