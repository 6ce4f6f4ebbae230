import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpClient } from '../../src/http.ts'
import { workloadAccessToken } from '../../src/identity/workload-access.ts'
import type { WorkloadSource } from '../../src/identity/workload-source.ts'
import { Secret } from '../../src/secret.ts'
import { startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'
import { EVIDENCE, startProvider, type TestProvider, WORKLOAD } from './provider.ts'

const [AUDIENCE = ''] = EVIDENCE
const WANTED = { audience: AUDIENCE, scope: null }
const now = () => new Date()

let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())

function client(issuer: string, parameters: Readonly<Record<string, string>> = {}): WorkloadSource {
  const proof = { kind: 'secret', secret: new Secret(WORKLOAD.secret) } as const
  return { kind: 'client', issuer, clientId: 'ci', proof, parameters }
}

const access = (source: WorkloadSource, issuer: string, http = loopbackHttp) => ({
  source,
  workloads: [{ issuer, audience: WORKLOAD.audience }],
  http,
  now,
})

describe('an access token out of client credentials', () => {
  it.each([
    ['a secret', () => client(provider.issuer), 'ci'],
    [
      'a private key, whose sign-in names another resource',
      (): WorkloadSource => {
        const proof = { kind: 'key', pem: new Secret(provider.workloadKey), kid: 'ci' } as const
        const parameters = { resource: 'urn:acme:hoopctl' }
        return { kind: 'client', issuer: provider.issuer, clientId: 'ci-key', proof, parameters }
      },
      'ci-key',
    ],
  ])('given %s, is for the service', async (_given, source, sub) => {
    const { token, expires } = await workloadAccessToken(access(source(), provider.issuer), WANTED)
    expect(decodeJwt(token.reveal())).toMatchObject({ aud: AUDIENCE, client_id: sub })
    expect(expires.getTime()).toBeGreaterThan(Date.now() + 590_000)
  })

  it('given a service that the provider does not know, says which', async () => {
    const wanted = { audience: 'https://unknown.example', scope: null }
    await expect(
      workloadAccessToken(access(client(provider.issuer), provider.issuer), wanted),
    ).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringMatching(
        /^no access token for `https:\/\/unknown\.example`: .* does not know the service that a token is to be for/u,
      ) as string,
    })
  })

  it.each<[string, WorkloadSource]>([
    ['a token in a file', { kind: 'file', path: '/var/run/secrets/tokens/hoopctl' }],
    [
      'a token of GitHub Actions',
      { kind: 'github', url: 'https://x/', token: new Secret('t'), issuer: 'https://x' },
    ],
  ])('given a workload with %s only, says what it needs', async (_given, source) => {
    await expect(workloadAccessToken(access(source, 'https://x'), WANTED)).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: `no access token for \`${AUDIENCE}\`: the workload here has a token of its platform only, which is for signing in`,
      hint: 'give it client credentials: hoopctl login --workload client …; or send its logs to s3:// or a directory',
    })
  })

  it('given an issuer that the policy does not name, asks nobody', async () => {
    const nobody: HttpClient = () => Promise.reject(new Error('asked'))
    const source = client(provider.issuer)
    await expect(
      workloadAccessToken(access(source, 'https://other.example', nobody), WANTED),
    ).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: `the policy does not name \`${provider.issuer}\` under \`identity.workloads\``,
    })
  })

  it.each([
    [{}, null, { resource: AUDIENCE }],
    [{ audience: 'hoopctl', scope: 'x', tenant: 'acme' }, null, { tenant: 'acme', audience: AUDIENCE }],
    [{ audience: 'hoopctl', scope: 'x' }, 'api://e/.default', { scope: 'api://e/.default' }],
  ])('given a sign-in with %j and the scope %s, asks with %j', async (parameters, scope, asked) => {
    await using server = await startHostileProvider()
    server.lie = { answer: ({ id_token: _none, ...honest }) => honest }
    const bodies: string[] = []
    const http: HttpClient = (url, request) => {
      if (url.pathname === '/token') bodies.push(Buffer.from(request.body ?? []).toString())
      return loopbackHttp(url, request)
    }
    const source = client(server.issuer, parameters)
    await workloadAccessToken(access(source, server.issuer, http), { audience: AUDIENCE, scope })
    const { grant_type: _grant, ...sent } = Object.fromEntries(new URLSearchParams(bodies[0]))
    expect(sent).toEqual(asked)
  })

  it('[ATK-FORGED-TOKEN] given the token of the sign-in, refuses it', async () => {
    await using server = await startHostileProvider()
    const signIn = `e30.${Buffer.from('{"aud":"hoopctl"}').toString('base64url')}.c2ln`
    server.lie = { answer: (honest) => ({ ...honest, access_token: signIn }) }
    await expect(
      workloadAccessToken(access(client(server.issuer), server.issuer), WANTED),
    ).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringContaining('gave a token that is not for it: its `aud` is `hoopctl`') as string,
    })
  })
})
