import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type WorkloadSource, workloadSource } from '../../src/identity/workload-source.ts'
import { workloadRoleToken } from '../../src/identity/workload-role-token.ts'
import { WorkloadSignIn } from '../../src/identity/workload-sign-in.ts'
import { Secret } from '../../src/secret.ts'
import { type HostileProvider, type Lie, startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'
import { startProvider, WORKLOAD } from './provider.ts'

const named = (issuer: string) => ({ workloads: [{ issuer, audience: 'hoopctl' }] })

/** A workload whose clock the test moves. */
function workload(source: WorkloadSource) {
  let elapsed = 0
  const now = () => new Date(Date.now() + elapsed)
  const signIn = new WorkloadSignIn({ source, http: loopbackHttp, now })
  return {
    signIn,
    pass: (ms: number) => {
      elapsed += ms
    },
  }
}

/** A token of a provider of ours, which a platform could have written. */
async function tokenOf(server: HostileProvider, lie: Lie = {}): Promise<string> {
  server.lie = lie
  const answer = await fetch(`${server.issuer}/token`, { method: 'POST' })
  return ((await answer.json()) as { id_token: string }).id_token // as that provider writes it
}

/** A directory with a token file, replaced as Kubernetes does. */
async function tokenFile() {
  const directory = await mkdtemp(join(tmpdir(), 'hoopctl-token-'))
  const path = join(directory, 'token')
  return {
    path,
    write: async (token: string) => {
      await writeFile(`${path}.new`, `${token}\n`)
      await rename(`${path}.new`, path)
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

it('given a secret, signs in with client credentials', async () => {
  await using server = await startProvider()
  const proof = { kind: 'secret', secret: new Secret(WORKLOAD.secret) } as const
  const source = { kind: 'client', issuer: server.issuer, clientId: 'ci', proof, parameters: {} } as const
  const { signIn } = workload(source)
  expect(await signIn.current(named(server.issuer))).toMatchObject({
    kind: 'workload',
    issuer: server.issuer,
    clientId: 'hoopctl',
    claims: { aud: 'hoopctl', client_id: 'ci' },
    store: null,
  })
  await signIn.current(named(server.issuer))
  expect(Object.fromEntries(server.grants)).toEqual({ client_credentials: 1 })
})

it('given a private key, signs in with `private_key_jwt`, and anew a minute before the token ends', async () => {
  await using server = await startProvider()
  const proof = { kind: 'key', pem: new Secret(server.workloadKey), kid: 'ci' } as const
  const source = { kind: 'client', issuer: server.issuer, clientId: 'ci-key', proof, parameters: {} } as const
  const { signIn, pass } = workload(source)
  expect(await signIn.current(named(server.issuer))).toMatchObject({ kind: 'workload' })
  pass(8 * 60_000)
  await signIn.current(named(server.issuer))
  expect(server.grants.get('client_credentials')).toBe(1)
  server.fail(503)
  pass(90_000) // half a minute before its end: the next one cannot be had, this one still holds
  expect(await signIn.current(named(server.issuer))).toMatchObject({ kind: 'workload' })
  pass(40_000)
  expect(await signIn.current(named(server.issuer))).toMatchObject({ kind: 'unreachable' })
})

it.each([
  {
    given: 'another secret',
    proof: { kind: 'secret', secret: new Secret('x'.repeat(40)) },
    words: 'does not know this client',
  },
  {
    given: 'another key',
    proof: { kind: 'key', pem: new Secret(pem()), kid: 'ci' },
    words: 'does not know this client',
  },
  {
    given: 'a key that is none',
    proof: { kind: 'key', pem: new Secret('-----BEGIN'), kid: null },
    words: 'the private key cannot be read',
  },
] as const)('given $given, is refused', async ({ proof, words }) => {
  await using server = await startProvider()
  const clientId = proof.kind === 'key' ? 'ci-key' : 'ci'
  const source = { kind: 'client', issuer: server.issuer, clientId, proof, parameters: {} } as const
  const { signIn } = workload(source)
  expect(await signIn.current(named(server.issuer))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining(words),
  })
})

function pem(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

it('given an issuer that the policy does not name, is refused before a secret is sent', async () => {
  await using server = await startProvider()
  const proof = { kind: 'secret', secret: new Secret(WORKLOAD.secret) } as const
  const source = { kind: 'client', issuer: server.issuer, clientId: 'ci', proof, parameters: {} } as const
  const { signIn } = workload(source)
  expect(await signIn.current(named('https://other.example'))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('does not name'),
  })
  expect([...server.grants]).toEqual([])
})

it('given a token file, reads it, and anew when the platform replaced it', async () => {
  await using server = await startHostileProvider()
  await using file = await tokenFile()
  const { signIn } = workload({ kind: 'file', path: file.path })
  await file.write(await tokenOf(server))
  expect(await signIn.current(named(server.issuer))).toMatchObject({
    kind: 'workload',
    claims: { sub: 'alice' },
  })
  const asked = server.asked.length
  await signIn.current(named(server.issuer))
  expect(server.asked.length).toBe(asked)
  const pod = 'system:serviceaccount:orders:agent'
  await file.write(
    await tokenOf(server, { claims: (honest) => ({ ...honest, sub: pod, azp: 'kubernetes' }) }),
  )
  expect(await signIn.current(named(server.issuer))).toMatchObject({ claims: { sub: pod } })
})

it.each<{ given: string; lie: Lie; words: string }>([
  {
    given: 'for others',
    lie: { claims: (honest) => ({ ...honest, aud: 'sts.amazonaws.com' }) },
    words: 'aud',
  },
  { given: 'of another key', lie: { signer: 'other' }, words: 'signature' },
  { given: 'of type `at+jwt`', lie: { header: (honest) => ({ ...honest, typ: 'at+jwt' }) }, words: 'type' },
  {
    given: 'of another issuer',
    lie: { claims: (honest) => ({ ...honest, iss: 'https://evil.example' }) },
    words: 'does not name `https://evil.example`',
  },
  { given: 'that is none', lie: { token: () => 'eyJhbGciOiJub25lIn0' }, words: 'not a signed JWT' },
  { given: 'that is empty', lie: { token: () => ' ' }, words: 'is empty' },
  { given: 'that is too long', lie: { token: () => 'x'.repeat(40_000) }, words: 'too long to be a token' },
])('[ATK-FORGED-TOKEN] given a token file with a token $given, is refused', async ({ lie, words }) => {
  await using server = await startHostileProvider()
  await using file = await tokenFile()
  await file.write(await tokenOf(server, lie))
  const { signIn } = workload({ kind: 'file', path: file.path })
  expect(await signIn.current(named(server.issuer))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining(words),
  })
})

it('given a token file whose token has ended, or that is gone, is refused', async () => {
  await using server = await startHostileProvider()
  await using file = await tokenFile()
  await file.write(await tokenOf(server))
  const { signIn, pass } = workload({ kind: 'file', path: file.path })
  expect(await signIn.current(named(server.issuer))).toMatchObject({ kind: 'workload' })
  pass(3661_000)
  expect(await signIn.current(named(server.issuer))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('expired'),
  })
  const gone = workload({ kind: 'file', path: `${file.path}-gone` })
  expect(await gone.signIn.current(named(server.issuer))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('ENOENT'),
  })
})

it('given a policy that no longer names the issuer, is refused though the token was verified', async () => {
  await using server = await startHostileProvider()
  await using file = await tokenFile()
  await file.write(await tokenOf(server))
  const { signIn } = workload({ kind: 'file', path: file.path })
  expect(await signIn.current(named(server.issuer))).toMatchObject({ kind: 'workload' })
  expect(await signIn.current({ workloads: [] })).toMatchObject({ kind: 'refused' })
})

/** The service of GitHub Actions that gives tokens to jobs, as far as its documentation tells. */
async function gitHub(server: HostileProvider, status = 200) {
  const asked: (string | undefined)[] = []
  const value = await tokenOf(server)
  const service = createServer((request, response) => {
    asked.push(request.url, request.headers.authorization)
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ count: 1, value }))
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { port } = service.address() as AddressInfo // an IP server's address is never a path
  return {
    asked,
    url: `http://127.0.0.1:${port}/token?api-version=2.0`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void service.close(() => resolve())),
  }
}

it('given GitHub Actions, asks for a token for the audience of the policy', async () => {
  await using server = await startHostileProvider()
  await using service = await gitHub(server)
  const { issuer } = server
  const { signIn } = workload({ kind: 'github', url: service.url, token: new Secret('job'), issuer })
  expect(await signIn.current(named(issuer))).toMatchObject({ kind: 'workload', issuer })
  expect(service.asked).toEqual(['/token?api-version=2.0&audience=hoopctl', 'Bearer job'])
})

it.each([
  ['AWS', null, 'sts.amazonaws.com'],
  ['a store of its own', 'http://127.0.0.1:9000/sts', 'http%3A%2F%2F127.0.0.1%3A9000'],
])(
  'given GitHub Actions and a role at %s, asks for a token that is for it, whatever a policy says',
  async (_given, endpoint, audience) => {
    await using server = await startHostileProvider()
    await using service = await gitHub(server)
    const source = { kind: 'github', url: service.url, token: new Secret('job') } as const
    const options = {
      source: { ...source, issuer: server.issuer },
      http: loopbackHttp,
      now: () => new Date(),
    }
    const given = await workloadRoleToken(options, endpoint === null ? null : new URL(endpoint))
    expect(given.reveal()).toMatch(/^eyJ/)
    expect(service.asked).toEqual([`/token?api-version=2.0&audience=${audience}`, 'Bearer job'])
  },
)

it.each([
  ['http://127.0.0.1:9000/sts', 'refused'],
  ['https://sts.eu-central-1.amazonaws.com', 'given'],
  ['https://amazonaws.com.attacker.example', 'refused'],
])('given a file whose token is for AWS, and a role at %s, it is %s', async (endpoint, becomes) => {
  const claims = { sub: 'pod', aud: ['sts.amazonaws.com'], exp: Math.floor(Date.now() / 1000) + 600 }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const folder = await mkdtemp(join(tmpdir(), 'hoopctl-token-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'token')
  await writeFile(path, `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`, { mode: 0o600 })
  const options = { source: { kind: 'file', path } as const, http: loopbackHttp, now: () => new Date() }
  const outcome = await workloadRoleToken(options, new URL(endpoint)).then(
    () => 'given',
    (fault: unknown) => (String(fault).includes('is for AWS') ? 'refused' : String(fault)),
  )
  expect(outcome).toBe(becomes)
})

it('given GitHub Actions without the permission, says which', async () => {
  await using server = await startHostileProvider()
  await using service = await gitHub(server, 403)
  const { issuer } = server
  const { signIn } = workload({ kind: 'github', url: service.url, token: new Secret('job'), issuer })
  expect(await signIn.current(named(issuer))).toMatchObject({
    kind: 'refused',
    hint: 'give the job `permissions: id-token: write`',
  })
})

it('given an address of GitHub Actions that is not https, sends it nothing', async () => {
  const source = {
    kind: 'github',
    url: 'http://127.0.0.1:9/',
    token: new Secret('job'),
    issuer: 'https://g.example',
  } as const
  expect(await workload(source).signIn.current(named('https://g.example'))).toMatchObject({
    kind: 'refused',
    why: 'ACTIONS_ID_TOKEN_REQUEST_URL is not an https address',
  })
})

it.each([
  [{}, null, null],
  [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token' }, null, { kind: 'file', path: '/var/run/token' }],
  [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token' }, '/named', { kind: 'file', path: '/named' }],
  [{ ACTIONS_ID_TOKEN_REQUEST_URL: 'https://a.example' }, null, null],
  [
    { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://a.example', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job' },
    null,
    { kind: 'github', url: 'https://a.example', issuer: 'https://token.actions.githubusercontent.com' },
  ],
])('given the environment %j and the file %s, finds %j', (env, file, found) => {
  const source = workloadSource(env, file)
  if (found === null) expect(source).toBeNull()
  else expect(source).toMatchObject(found)
})
