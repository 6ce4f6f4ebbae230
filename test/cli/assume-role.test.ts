import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roleAssumer } from '../../src/cli/assume-role.ts'
import type { Context } from '../../src/cli/context.ts'
import { openSignIns } from '../../src/cli/open-sign-ins.ts'
import { readJwt } from '../../src/identity/read-jwt.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { signedIn } from '../identity/signed-in.ts'
import { type PlayedSts, startSts } from '../identity/sts.ts'
import { policyText } from '../policy/a-policy.ts'
import { fakeContext } from './fake-context.ts'
import { type GrantHolder, grantHolder } from './grant-holder.ts'
import { ENV, inBrowser } from './in-browser.ts'

const ARN = 'arn:aws:iam::111122223333:role/policy-reader'
const MINUTE = 60_000

let server: TestProvider
let sts: PlayedSts
let holder: GrantHolder
let context: Context

beforeEach(async () => {
  server = await startProvider({ idTokenSeconds: 300 })
  sts = await startSts()
  const identity = `{ issuer: "${server.issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }`
  holder = await grantHolder(policyText(`identity: ${identity}\nrules: [{ allow: { tool: read } }]\n`), {
    going: true,
  })
  const env = { HOOPCTL_HOME: holder.home, ...ENV }
  context = fakeContext({ env, now: () => new Date(Date.now()) }).context
})
afterEach(async () => {
  vi.restoreAllMocks()
  await holder[Symbol.asyncDispose]()
  await sts[Symbol.asyncDispose]()
  await server.close()
})

const login = () => inBrowser(holder, server, ['login', '--browser', '--store', 'file'])
const real = Date.now
const pass = (ms: number) => vi.spyOn(Date, 'now').mockImplementation(() => real() + ms)
const assume = () => roleAssumer(context)({ arn: ARN, region: null, endpoint: sts.endpoint.href })

/** What STS was sent: whose token, and how long it lived then, in seconds. */
function sent() {
  const read = readJwt(sts.asked.at(-1)?.get('WebIdentityToken') ?? '')
  if (!read.ok) throw new Error(read.why)
  const { sub, exp } = read.jwt.claims
  return { sub, lives: Math.round(Number(exp) - Date.now() / 1000) }
}

describe('a role, given a person whose ID token lives for five minutes', () => {
  it('and three of them, is assumed with it as it is', async () => {
    await login()
    pass(2 * MINUTE)
    expect(await assume()).toMatchObject({ accessKeyId: 'ASIA1' })
    expect(sent()).toMatchObject({ sub: 'alice' })
    expect(server.grants.has('refresh_token')).toBe(false)
  })

  it.each([
    ['half a minute', 4.5],
    ['nothing', 6],
  ])('and %s of it left, is assumed with a new one, by one refresh', async (_left, minutes) => {
    await login()
    pass(minutes * MINUTE)
    await Promise.all([assume(), assume()])
    expect(sent().sub).toBe('alice')
    expect(sent().lives).toBeGreaterThan(280)
    expect(server.grants.get('refresh_token')).toBe(1)
  })

  it('that cannot be renewed, is assumed while it lives; after that nothing is sent, and it says why', async () => {
    await login()
    server.fail(503)
    pass(4.5 * MINUTE)
    expect(await assume()).toMatchObject({ accessKeyId: 'ASIA1' })
    pass(6 * MINUTE)
    await expect(assume()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(
        /^the role `.*` is assumed with a sign-in, and the ID token of the sign-in ended at .*Z, and could not be renewed: /u,
      ) as string,
    })
    expect(sts.asked).toHaveLength(1)
  })

  it('and no refresh token, says what helps', async () => {
    await login()
    const signIns = await openSignIns(context, null)
    await signIns?.keep({ ...(await signedIn(server, 'alice')), refreshToken: null })
    pass(6 * MINUTE)
    await expect(assume()).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: expect.stringContaining('and the provider gave nothing to renew it with') as string,
      hint: 'allow `offline_access` to the client, name it in `identity.scopes`, and run: hoopctl login',
    })
    expect(sts.asked).toEqual([])
  })
})
