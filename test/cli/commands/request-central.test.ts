import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProvider, type TestProvider } from '../../identity/provider.ts'
import { makeKeys, pinOf, type Publisher, signed, startPublisher, trustFile } from '../central/publisher.ts'
import { type GrantHolder, grantHolder } from '../grant-holder.ts'
import { ENV, inBrowser } from '../in-browser.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

let server: TestProvider
let publisher: Publisher
let holder: GrantHolder
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await startProvider()
  publisher = await startPublisher()
  publisher.files.set('trust/1.jws', trust)
  for (const name of ['acme', 'sandbox']) {
    publisher.files.set(`${name}.jws`, signed(policy(server.issuer, name), keys))
  }
  holder = await grantHolder('a file that an added policy stands before', { going: true })
  env = { ...ENV, NODE_EXTRA_CA_CERTS: publisher.server.caFile }
  for (const args of [add('acme'), ['login', '--browser', '--store', 'file']]) {
    expect(await inBrowser(holder, server, args, { env })).toMatchObject({ exitCode: 0 })
  }
})
afterAll(async () => {
  await holder[Symbol.asyncDispose]()
  await publisher[Symbol.asyncDispose]()
  await server.close()
})

function add(name: string): string[] {
  return ['policy', 'add', new URL(`${name}.jws`, publisher.url).href, '--trust', pinOf(trust), '--yes']
}

function policy(issuer: string, name: string): string {
  const expires = new Date(Date.now() + 7 * 24 * 3600_000).toISOString()
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: ${name}, version: 7, expires: ${expires} }
identity: { issuer: "${issuer}", clientId: hoopctl, scopes: [openid, email, groups, offline_access], approvals: { clientId: hoopctl-approve } }
servers: { orders: { run: { command: /opt/acme/bin/orders } } }
grants:
  - name: orders-write
    server: orders
    who: { groups: [engineering] }
    rules:
      - allow: { tool: insert }
  - name: orders-admin
    server: orders
    who: { groups: [dba] }
    rules:
      - allow: { tool: "*" }
`
}

describe('under a signed policy from one central place', () => {
  it('given nothing said of a proof, wants a fresh sign-in, and names the activation by the pinned trust and the policy', async () => {
    const args = ['request', 'orders-write', '--json']
    const { exitCode, stdout, stderr } = await inBrowser(holder, server, args, { env })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(stdout)).toMatchObject({ name: 'orders-write', state: 'active', mode: 'request' })
    const live = await holder.shared(({ activations }) => activations.live({}, new Date()))
    expect(live).toMatchObject([
      { policy: `trust:${pinOf(trust)}/acme`, sub: 'alice', issuer: server.issuer, proof: { kind: 'oidc' } },
    ])
  })

  it('given another policy of the same trust, neither has the activations of the other', async () => {
    const stateUnder = async (name: string) => {
      expect(await holder.hoopctl(add(name), { env })).toMatchObject({ exitCode: 0 })
      const { stdout } = await holder.hoopctl(['grants', '--json'], { env })
      return (JSON.parse(stdout) as { grants: { state: string }[] }).grants.map(({ state }) => state)
    }
    expect(await stateUnder('sandbox')).toEqual(['available'])
    expect(await stateUnder('acme')).toEqual(['active'])
  })

  it('given a provider and a source that are gone, shows how things stand, and ends what is active', async () => {
    publisher.away = true
    server.fail(503)
    const { exitCode, stdout } = await holder.hoopctl(['status', '--json'], { env })
    expect({ exitCode, told: JSON.parse(stdout) }).toMatchObject({
      exitCode: 0,
      told: {
        subject: {
          issuer: server.issuer,
          sub: 'alice',
          email: 'alice@acme.example',
          groups: ['engineering'],
        },
        policy: { name: 'acme', version: 7, signed: true },
        grants: [{ name: 'orders-write', state: 'active' }],
        problems: [],
      },
    })
    expect((await holder.hoopctl(['revoke', 'orders-write'], { env })).stdout).toBe('Ended orders-write.\n')
    const { grants } = JSON.parse((await holder.hoopctl(['grants', '--json'], { env })).stdout) as {
      grants: object[]
    }
    expect(grants).toMatchObject([{ name: 'orders-write', state: 'ended' }])
  })
})
