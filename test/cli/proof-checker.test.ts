import { afterAll, beforeAll, expect, it } from 'vitest'
import { proofChecker } from '../../src/cli/proof-checker.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import type { PolicyNow } from '../../src/shim/feeds.ts'
import { requestText } from '../../src/request-text.ts'
import { loopbackHttp } from '../identity/http.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { activation, signReceipt } from '../identity/receipt.ts'
import { policyOf } from '../policy/a-policy.ts'
import { fakeContext } from './fake-context.ts'

let [before, after]: TestProvider[] = []

beforeAll(async () => {
  ;[before, after] = await Promise.all([startProvider(), startProvider()])
})
afterAll(() => Promise.all([before?.close(), after?.close()]))

async function policyOfIssuer(issuer: string): Promise<PolicyNow> {
  const policy =
    await policyOf(`identity: { issuer: "${issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }
servers: { orders: {} }
grants:
  - name: orders-write
    server: orders
    who: everyone
    activate: { proof: oidc, reason: required }
    duration: { default: 1h, max: 1h }
    rules: [{ allow: { tool: write } }]
`)
  return { policy, key: 'trust:00', blocked: null, ends: null, refreshes: null }
}

/** A receipt of one provider, for a request that names an issuer. */
async function receipt(signer: TestProvider, issuer: string) {
  const grants = [{ name: 'orders-write', durationMs: 3600_000, reason: 'INC-1' }]
  const at = new Date().toISOString()
  const asked = {
    policy: 'trust:00',
    policyDigest: 'd',
    issuer,
    sub: 'alice',
    device: 'ed25519:A',
    at,
    grants,
  }
  const provider = await discoverProvider(signer.issuer, loopbackHttp)
  return activation(asked, await signReceipt(signer, provider, requestText(asked)))
}

it('[ATK-FORGED-REQUEST] given a policy that names another issuer than before, counts receipts of that one only', async () => {
  if (before === undefined || after === undefined) throw new Error('there is no provider')
  const check = proofChecker(fakeContext({ now: () => new Date() }).context)
  const [first, next] = [await policyOfIssuer(before.issuer), await policyOfIssuer(after.issuer)]
  const old = await receipt(before, before.issuer)
  expect(await check(old, first)).toBeNull()
  expect(await check(old, next)).toMatch(/another issuer/)
  expect(await check(await receipt(before, after.issuer), next)).toMatch(/it was issued by/)
  expect(await check(await receipt(after, after.issuer), next)).toBeNull()
  expect(await check(old, first)).toBeNull()
})
