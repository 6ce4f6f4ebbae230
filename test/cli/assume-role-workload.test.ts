import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { roleAssumer } from '../../src/cli/assume-role.ts'
import { openSignIns } from '../../src/cli/open-sign-ins.ts'
import { readJwt } from '../../src/identity/read-jwt.ts'
import { forgedTokens } from '../identity/kept-token.ts'
import { startProvider, type TestProvider, WORKLOAD } from '../identity/provider.ts'
import { type PlayedSts, startSts } from '../identity/sts.ts'
import { policyText } from '../policy/a-policy.ts'
import { fakeContext } from './fake-context.ts'
import { type GrantHolder, grantHolder } from './grant-holder.ts'
import { ENV, inBrowser } from './in-browser.ts'

const ARN = 'arn:aws:iam::111122223333:role/policy-reader'

let server: TestProvider
let sts: PlayedSts
let holder: GrantHolder

beforeEach(async () => {
  server = await startProvider()
  sts = await startSts()
  const identity = `{ issuer: "${server.issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }`
  holder = await grantHolder(policyText(`identity: ${identity}\nrules: [{ allow: { tool: read } }]\n`), {
    going: true,
  })
})
afterEach(async () => {
  await holder[Symbol.asyncDispose]()
  await sts[Symbol.asyncDispose]()
  await server.close()
})

const contextWith = (env: Readonly<Record<string, string>>) =>
  fakeContext({ env: { HOOPCTL_HOME: holder.home, ...ENV, ...env }, now: () => new Date() }).context
const assume = (env: Readonly<Record<string, string>> = {}) =>
  roleAssumer(contextWith(env))({ arn: ARN, region: null, endpoint: sts.endpoint.href })

async function fileWith(text: string): Promise<string> {
  const path = join(holder.home, 'file')
  await writeFile(path, text, { mode: 0o600 })
  return path
}

/** The token of a pod, which lives for so long; whose it is, STS would say. */
const podToken = (seconds: number) =>
  forgedTokens({
    issuer: 'https://kubernetes.example',
    claims: { sub: 'pod', aud: 'hoopctl', exp: Math.floor(Date.now() / 1000) + seconds },
  }).idToken.reveal()

function sent() {
  const read = readJwt(sts.asked.at(-1)?.get('WebIdentityToken') ?? '')
  if (!read.ok) throw new Error(read.why)
  return read.jwt.claims
}

const login = () => inBrowser(holder, server, ['login', '--browser', '--store', 'file'])

describe('a role, given nobody who is signed in', () => {
  it('and client credentials that were saved before there was a policy, is assumed with a token for them', async () => {
    await rm(join(holder.home, 'config', 'policy.yaml'))
    const secret = ['--client-id', WORKLOAD.clientId, '--secret-file', await fileWith(WORKLOAD.secret)]
    const saved = await holder.hoopctl([
      'login',
      '--workload',
      'client',
      '--issuer',
      server.issuer,
      ...secret,
    ])
    expect(saved).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('It is saved, and does not count yet: there is no policy: ') as string,
    })
    expect(await assume()).toMatchObject({ accessKeyId: 'ASIA1' })
    expect(sent()).toMatchObject({ iss: server.issuer, client_id: 'ci' })
  })

  it('and the file of a platform, is assumed with what is in it then', async () => {
    const first = podToken(600)
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: await fileWith(`${first}\n`) }
    expect(await assume(env)).toMatchObject({ accessKeyId: 'ASIA1' })
    const second = podToken(1200)
    await fileWith(second)
    await assume(env)
    expect(sts.asked.map((asked) => asked.get('WebIdentityToken'))).toEqual([first, second])
  })

  it.each([
    ['has ended', () => podToken(-10), 'the workload’s token ended at '],
    ['is none', () => 'a password', 'the workload’s token is refused: '],
  ])('and a file whose token %s, sends nothing, and says so', async (_given, token, words) => {
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: await fileWith(token()) }
    await expect(assume(env)).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringContaining(`\`${ARN}\` is assumed with a sign-in, and ${words}`) as string,
    })
    expect(sts.asked).toEqual([])
  })

  it('and a role that does not trust the workload, says what to compare, not to sign in', async () => {
    sts.answer = { status: 403, body: '' }
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: await fileWith(podToken(600)) }
    await expect(assume(env)).rejects.toMatchObject({
      message: expect.stringContaining(`STS does not let this workload assume \`${ARN}\` (403`) as string,
      hint: 'does the role trust the token’s issuer, audience and subject?',
    })
  })

  it('and no workload, says how a person signs in', async () => {
    await expect(assume()).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: `the role \`${ARN}\` is assumed with a sign-in, and nobody is signed in`,
      hint: 'run: hoopctl login --issuer URL --client-id ID',
    })
  })
})

describe('a role, given a workload and a person', () => {
  it('is assumed with the person’s sign-in; after logout, with the workload’s', async () => {
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: await fileWith(podToken(600)) }
    await login()
    await assume(env)
    expect(sent()).toMatchObject({ iss: server.issuer, sub: 'alice' })
    expect(await holder.hoopctl(['logout'], { env: ENV })).toMatchObject({ exitCode: 0 })
    await assume(env)
    expect(sent()).toMatchObject({ sub: 'pod' })
  })

  const seconds = (from: number) => Math.floor(Date.now() / 1000) + from

  it.each([
    ['whose ID token has ended', { claims: { exp: seconds(-10) } }, 'the ID token of the sign-in ended at '],
    [
      'whose clock was set back',
      { confirmed: new Date(Date.now() + 3600_000) },
      'the sign-in is from the future',
    ],
  ])('%s, is not assumed: the workload does not stand in for a person', async (_given, change, words) => {
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: await fileWith(podToken(600)) }
    await login()
    const signIns = await openSignIns(contextWith(env), null)
    await signIns?.keep(forgedTokens({ issuer: server.issuer, ...change }))
    await expect(assume(env)).rejects.toMatchObject({
      message: expect.stringContaining(words) as string,
    })
    expect(sts.asked).toEqual([])
  })
})
