import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discoverProvider } from '../../../src/identity/provider.ts'
import { checkRequestProof, type ProofChecks } from '../../../src/identity/request-proof.ts'
import { verifyIdToken } from '../../../src/identity/verify-id-token.ts'
import { loopbackHttp } from '../../identity/http.ts'
import { startProvider, type TestProvider } from '../../identity/provider.ts'
import { type GrantHolder, grantHolder } from '../grant-holder.ts'
import { ENV, inBrowser } from '../in-browser.ts'

const ASK = ['request', 'orders-write', '--reason', 'INC-2211']

let server: TestProvider
let holder: GrantHolder

beforeAll(async () => {
  server = await startProvider()
  holder = await grantHolder(policy(server.issuer), { going: true })
  const { exitCode, stderr } = await inBrowser(holder, server, ['login', '--browser', '--store', 'file'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
})
afterAll(async () => {
  await holder[Symbol.asyncDispose]()
  await server.close()
})

function policy(issuer: string): string {
  const grant = (name: string, proof: string) => `
  - name: ${name}
    server: orders
    who: { groups: [engineering] }
    activate: { reason: required, proof: ${proof} }
    duration: { default: 10m, max: 1h }
    rules:
      - allow: { tool: ${name} }`
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme }
identity: { issuer: "${issuer}", clientId: hoopctl, scopes: [openid, email, groups, offline_access], approvals: { clientId: hoopctl-approve } }
servers: { orders: {} }
grants:${grant('orders-write', 'oidc')}${grant('orders-drop', 'oidc')}${grant('orders-list', 'terminal')}
`
}

const live = () => holder.shared(({ activations }) => activations.live({}, new Date()))

async function proven() {
  const provider = await discoverProvider(server.issuer, loopbackHttp)
  const settings = { issuer: server.issuer, approvals: { clientId: 'hoopctl-approve', acrValues: [] } }
  const verify: ProofChecks['verify'] = (token, expected) => verifyIdToken(token, { ...expected, provider })
  const checks = { verify, settings, personOfKey: () => null, grantProof: 'oidc' } as const
  return Promise.all((await live()).map((one) => checkRequestProof(one, checks)))
}

describe('a grant that is proven by a fresh sign-in', () => {
  it('given the person signs in, activates it, with a proof that a shim takes; the page comes after what is asked', async () => {
    const { exitCode, stdout, stderr } = await inBrowser(holder, server, ASK)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stdout).toMatch(/^orders-write is active for 10m, until /)
    expect(stderr.indexOf('orders-write on orders, for 10m')).toBeLessThan(stderr.indexOf(server.issuer))
    expect(stderr).toContain('reason: INC-2211')
    expect(await live()).toMatchObject([{ grant: 'orders-write', issuer: server.issuer, sub: 'alice' }])
    expect(await proven()).toEqual([null])
  })

  it('given several grants, of which one is content with a terminal, one sign-in proves them all', async () => {
    const args = ['request', 'orders-write', 'orders-drop', 'orders-list', '--reason', 'INC-1', '--for', '5m']
    const before = server.grants.get('authorization_code') ?? 0
    expect((await inBrowser(holder, server, args)).exitCode).toBe(0)
    expect((server.grants.get('authorization_code') ?? 0) - before).toBe(1)
    expect((await live()).map(({ grant }) => grant).sort()).toEqual([
      'orders-drop',
      'orders-list',
      'orders-write',
    ])
    expect(await proven()).toEqual([null, null, null])
  })

  it.each([
    ['another person signs in', 'bob', 'yes', /another person/],
    ['the person says no', 'alice', 'no', /denied|refused|access/i],
  ] as const)('given that %s, activates nothing', async (_title, user, answer, why) => {
    await holder.hoopctl(['revoke', '--all'], { env: ENV })
    const { exitCode, stdout, stderr } = await inBrowser(holder, server, ASK, { user, answer })
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' })
    expect(stderr).toMatch(why)
    expect(stderr).toContain('hint: to ask again: hoopctl request orders-write --reason INC-2211')
    expect(await live()).toEqual([])
  })

  it('given a machine that is reached over SSH, says how its browser gets there', async () => {
    const { exitCode, stderr } = await inBrowser(holder, server, ASK, {
      env: { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' },
    })
    const port = /redirect_uri=http%3A%2F%2F127.0.0.1%3A(\d+)/.exec(stderr)?.[1]
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stderr).toContain(
      `first run this where the browser is: ssh -N -L ${port}:127.0.0.1:${port} THIS-HOST\n`,
    )
  })

  it('given --device at a provider that has no codes for the client, activates nothing', async () => {
    await holder.hoopctl(['revoke', '--all'], { env: ENV })
    const { exitCode, stderr } = await holder.hoopctl([...ASK, '--device'], { env: ENV })
    expect(exitCode).toBe(4)
    expect(stderr).toContain('; not every provider can prove a request with --device\n')
    expect(await live()).toEqual([])
  })

  it('given a provider that cannot be reached, activates nothing', async () => {
    await holder.hoopctl(['revoke', '--all'], { env: ENV })
    server.fail(503)
    const { exitCode, stdout } = await holder.hoopctl([...ASK, '--json'], { env: ENV })
    server.fail(null)
    expect({ exitCode, told: JSON.parse(stdout) }).toMatchObject({
      exitCode: 8,
      told: { error: { code: 'UNREACHABLE' } },
    })
    expect(await live()).toEqual([])
  })
})
