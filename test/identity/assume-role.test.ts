import { expect, it, vi } from 'vitest'
import { assumeRoleWithIdToken, type RoleRequest } from '../../src/identity/assume-role.ts'
import { Secret } from '../../src/secret.ts'
import { loopbackHttp } from './http.ts'
import { type PlayedSts, startSts } from './sts.ts'

const ROLE = 'arn:aws:iam::111122223333:role/hoopctl-audit'

const assume = (sts: PlayedSts, change: Partial<RoleRequest> = {}) =>
  assumeRoleWithIdToken({
    role: ROLE,
    idToken: new Secret('an.id.token'),
    kind: 'human',
    region: 'eu-central-1',
    endpoint: sts.endpoint,
    policy: null,
    sessionName: 'alice@acme.example',
    durationSeconds: 900,
    http: loopbackHttp,
    ...change,
  })

it('given an ID token that the role trusts, gives credentials with their end', async () => {
  await using sts = await startSts()
  const given = await assume(sts, { policy: '{"Version":"2012-10-17"}' })
  expect(given).toMatchObject({ accessKeyId: 'ASIA1', expires: new Date('2026-11-21T16:00:00Z') })
  expect([given.secretAccessKey.reveal(), given.sessionToken.reveal()]).toEqual(['s3cret', 't0ken'])
  expect(JSON.stringify(given)).not.toContain('s3cret')
  expect(Object.fromEntries(sts.asked[0] ?? [])).toMatchObject({
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: ROLE,
    RoleSessionName: 'alice@acme.example',
    WebIdentityToken: 'an.id.token',
    DurationSeconds: '900',
    Policy: '{"Version":"2012-10-17"}',
  })
})

it('given a name that AWS does not allow, sends one that it does', async () => {
  await using sts = await startSts()
  await assume(sts, { sessionName: `Zoë|${'x'.repeat(100)}` })
  await assume(sts, { sessionName: '' })
  const names = sts.asked.map((asked) => asked.get('RoleSessionName'))
  expect(names).toEqual([`Zo--${'x'.repeat(60)}`, '--'])
})

it.each([
  { status: 400, body: '<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>' },
  { status: 403, body: '<Error><Code>AccessDenied</Code><Message>an.id.token</Message></Error>' },
  { status: 403, body: '' },
  { status: 405, body: 'no XML' },
])('given status $status with `$body`, says that it is not let, without the token', async (answer) => {
  await using sts = await startSts()
  sts.answer = answer
  const refusal: unknown = await assume(sts).catch((error: unknown) => error)
  expect(refusal).toMatchObject({
    code: 'SIGN_IN_FAILED',
    message: expect.stringMatching(
      new RegExp(`^STS does not let this sign-in assume .* \\(${answer.status}`, 'u'),
    ),
  })
  expect(String(refusal)).not.toContain('an.id.token')
})

it.each([500, 503, 429])('given status %s, says that it cannot be reached', async (status) => {
  await using sts = await startSts()
  sts.answer = { status, body: '' }
  await expect(assume(sts)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

it.each(['<html>', '<a/>', '', '{}'])('given the answer `%s`, refuses it', async (body) => {
  await using sts = await startSts()
  sts.answer = { status: 200, body }
  await expect(assume(sts)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
})

it('given an environment that names another STS, asks that of the region', async () => {
  await using sts = await startSts()
  vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:9/')
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9/')
  try {
    const asked: string[] = []
    const http: RoleRequest['http'] = async (url, request) => {
      asked.push(url.href)
      return loopbackHttp(sts.endpoint, request)
    }
    await assume(sts, { endpoint: null, http })
    await assume(sts, { endpoint: null, http, region: 'cn-north-1' })
    expect(asked).toEqual([
      'https://sts.eu-central-1.amazonaws.com/',
      'https://sts.cn-north-1.amazonaws.com.cn/',
    ])
    const elsewhere = assume(sts, { endpoint: null, http, region: 'evil.example/' })
    await expect(elsewhere).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  } finally {
    vi.unstubAllEnvs()
  }
})
