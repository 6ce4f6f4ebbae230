import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Activation } from '../../src/activation.ts'
import { discoverProvider, type Provider } from '../../src/identity/provider.ts'
import { checkRequestProof, type ProofChecks } from '../../src/identity/request-proof.ts'
import { verifyIdToken } from '../../src/identity/verify-id-token.ts'
import { type GrantRequest, requestNonce, requestText } from '../../src/request-text.ts'
import { REQUEST_NAMESPACE } from '../../src/ssh-signature.ts'
import { type SshForm, sshSigner } from '../ssh-signer.ts'
import { loopbackHttp } from './http.ts'
import { startProvider, type TestProvider } from './provider.ts'
import { activation, type HowSigned, signReceipt } from './receipt.ts'

const HOUR = 3600_000

let server: TestProvider
let provider: Provider
let asked: GrantRequest
let honest: Activation

beforeAll(async () => {
  server = await startProvider()
  provider = await discoverProvider(server.issuer, loopbackHttp)
  asked = {
    policy: 'trust:00',
    policyDigest: 'd1',
    issuer: server.issuer,
    sub: 'alice',
    device: 'ed25519:A',
    at: new Date().toISOString(),
    grants: [
      { name: 'orders-read', durationMs: HOUR, reason: 'INC-1' },
      { name: 'orders-write', durationMs: HOUR, reason: 'INC-1' },
    ],
  }
  honest = activation(asked, await signIn(requestText(asked)))
})
afterAll(() => server.close())

const signIn = (text: string, how: HowSigned = {}) => signReceipt(server, provider, text, how)

const ssh = sshSigner('sk-ssh-ed25519@openssh.com')
const other = sshSigner('sk-ssh-ed25519@openssh.com')

const person = (sub: string, userVerification = false) => {
  return {
    approver: { issuer: server.issuer, sub, email: null, groups: [], authTime: null },
    userVerification,
  }
}

function check(one: Activation, checks: Partial<ProofChecks> = {}) {
  const settings = { issuer: server.issuer, approvals: { clientId: 'hoopctl-approve', acrValues: [] } }
  const verify: ProofChecks['verify'] = (token, expected) => verifyIdToken(token, { ...expected, provider })
  const personOfKey: ProofChecks['personOfKey'] = (key) => (key === ssh.key ? person('alice') : null)
  return checkRequestProof(one, { verify, settings, personOfKey, grantProof: 'oidc', ...checks })
}

const later = (date: Date, ms: number) => new Date(date.getTime() + ms)
const withProof = (one: Activation, changed: object): Activation => ({
  ...one,
  proof: { ...one.proof, ...changed },
})

describe('an activation whose proof is what was asked for', () => {
  it('given it, holds, for each grant of the request, and when it is shorter than was asked for', async () => {
    expect(await check(honest)).toBeNull()
    expect(await check({ ...honest, grant: 'orders-read' })).toBeNull()
    expect(await check({ ...honest, expires: later(honest.started, 60_000) })).toBeNull()
  })

  it('given a policy that is content with a terminal, holds, whatever its proof', async () => {
    const typed: Activation = { ...honest, proof: { kind: 'terminal' } }
    expect(await check(typed, { grantProof: 'terminal', settings: null })).toBeNull()
  })
})

describe('[ATK-FORGED-REQUEST] an activation that a program of this user seals itself', () => {
  it.each<[string, (one: Activation) => Activation, RegExp]>([
    ['that was proven at a terminal', (one) => ({ ...one, proof: { kind: 'terminal' } }), /wants a sign-in/],
    ['of another grant', (one) => ({ ...one, grant: 'orders-drop' }), /another grant/],
    ['of another policy', (one) => ({ ...one, policy: 'trust:01' }), /another policy/],
    ['of another subject', (one) => ({ ...one, sub: 'bob' }), /another subject/],
    ['of another issuer', (one) => ({ ...one, issuer: 'https://other.example' }), /another issuer/],
    ['of another device', (one) => ({ ...one, device: 'ed25519:B' }), /another device/],
    ['for another reason', (one) => ({ ...one, reason: 'INC-2' }), /another reason/],
    ['without a reason', (one) => ({ ...one, reason: null }), /another reason/],
    ['that lasts longer', (one) => ({ ...one, expires: later(one.expires, 1) }), /lasts longer/],
    ['that ends at no time', (one) => ({ ...one, expires: new Date(Number.NaN) }), /lasts longer/],
    ['whose token is none', (one) => withProof(one, { idToken: 'a.b.c' }), /is refused/],
    ['whose token was changed', (one) => withProof(one, { idToken: tampered(one) }), /is refused/],
    ['whose request is none', (one) => withProof(one, { request: '[]' }), /cannot be read/],
    ['whose request is no JSON', (one) => withProof(one, { request: '{' }), /cannot be read/],
    [
      'whose request is of another form',
      (one) => withProof(one, { request: otherForm(one) }),
      /cannot be read/,
    ],
  ])('given one %s, says why not', async (_title, lie, why) => {
    expect(await check(lie(honest))).toMatch(why)
  })

  it.each<[string, (request: GrantRequest) => GrantRequest]>([
    ['longer', (one) => ({ ...one, grants: one.grants.map((each) => ({ ...each, durationMs: 9 * HOUR })) })],
    [
      'for more',
      (one) => ({ ...one, grants: [...one.grants, { name: 'all', durationMs: 1, reason: null }] }),
    ],
    ['under another digest', (one) => ({ ...one, policyDigest: 'd2' })],
  ])(
    'given a request that was made %s after the sign-in, says that the token answers another',
    async (_title, lie) => {
      expect(await check(withProof(honest, { request: requestText(lie(asked)) }))).toMatch(/another question/)
    },
  )

  it('given one that begins long after the sign-in, says that it did not begin then', async () => {
    const request = { ...asked, at: later(new Date(), 30_000).toISOString() }
    const one = activation(request, await signIn(requestText(request)))
    const begun = (ms: number) => ({ started: later(one.started, ms), expires: later(one.expires, ms) })
    expect(await check({ ...one, ...begun(615_000) })).toMatch(/did not begin when/)
    expect(await check({ ...one, ...begun(9 * 60_000) })).toBeNull()
  })

  it('given a token of the client for sign-ins, refuses it', async () => {
    const idToken = await signIn(requestText(asked), { clientId: 'hoopctl' })
    expect(await check(withProof(honest, { idToken }))).toMatch(/not for client/)
  })

  it('given a token of another issuer than the policy’s, refuses it, whoever verified it', async () => {
    const issuer = 'https://other.example'
    const request = { ...asked, issuer }
    const settings = { issuer, approvals: { clientId: 'hoopctl-approve', acrValues: [] } }
    const one = activation(request, await signIn(requestText(request)))
    expect(await check(one, { settings })).toMatch(/not of the policy’s issuer/)
  })

  it('given a token of another person, refuses it', async () => {
    const idToken = await signIn(requestText(asked), { user: 'bob' })
    expect(await check(withProof(honest, { idToken }))).toMatch(/another person/)
  })

  it('given a sign-in from before the request, refuses it', async () => {
    const request = { ...asked, at: later(new Date(), 3 * 60_000).toISOString() }
    const idToken = await signIn(requestText(request))
    const started = later(new Date(), 3 * 60_000)
    const one = { ...activation(request, idToken), started, expires: later(started, HOUR) }
    expect(await check(one)).toMatch(/not asked to sign in anew/)
  })

  it.each<[string, number, string | null]>([
    ['years before it began', -6 * 365 * 24 * HOUR, 'soon after'],
    ['eleven minutes before it began', -11 * 60_000, 'soon after'],
    ['nine minutes before it began', -9 * 60_000, null],
    ['half a minute after it began', 30_000, null],
    ['two minutes after it began', 2 * 60_000, 'soon after'],
  ])(
    'given a request that says it was made %s, and a sign-in that nobody was asked for, tells',
    async (_title, ms, why) => {
      const request = { ...asked, at: later(new Date(), ms).toISOString() }
      const said = await check(activation(request, await signIn(requestText(request), { fresh: false })))
      if (why === null) expect(said).toBeNull()
      else expect(said).toContain(why)
    },
  )

  it('given a policy that names no client for approvals, says so', async () => {
    expect(await check(honest, { settings: null })).toMatch(/names no client/)
    expect(await check(honest, { settings: { issuer: server.issuer, approvals: null } })).toMatch(
      /names no client/,
    )
  })

  it('given an issuer that cannot be reached, throws: nobody knows', async () => {
    const silent = await discoverProvider(server.issuer, loopbackHttp)
    server.fail(503)
    const verify: ProofChecks['verify'] = (token, expected) =>
      verifyIdToken(token, { ...expected, provider: silent })
    await expect(check(honest, { verify })).rejects.toMatchObject({ code: 'UNREACHABLE' })
    server.fail(null)
  })
})

describe('an activation whose proof is the signature of an SSH key', () => {
  const signedBy = (request: GrantRequest, form: SshForm = {}, signer = ssh): Activation => {
    const text = requestText(request)
    const signature = signer.sign(requestNonce(text), { namespace: REQUEST_NAMESPACE, ...form })
    const proof = { kind: 'key', key: signer.key, signature, request: text } as const
    return { ...activation(request, ''), proof }
  }
  const byKey = (one: Activation, checks: Partial<ProofChecks> = {}) =>
    check(one, { grantProof: 'key', settings: null, ...checks })

  it('given one of the subject’s own, holds, where the policy wants a key or less; a sign-in meets it too', async () => {
    const own = signedBy(asked)
    expect(await byKey(own)).toBeNull()
    expect(await byKey(own, { grantProof: 'terminal' })).toBeNull()
    expect(await byKey({ ...own, grant: 'orders-read' })).toBeNull()
    expect(await check(honest, { grantProof: 'key' })).toBeNull()
  })

  it('given a policy that wants a sign-in, is not enough', async () => {
    expect(await check(signedBy(asked), { grantProof: 'oidc' })).toMatch(/wants a sign-in/)
  })

  it.each<[string, () => Activation, RegExp]>([
    ['of another grant', () => ({ ...signedBy(asked), grant: 'orders-drop' }), /another grant/],
    ['that lasts longer', () => longer(signedBy(asked)), /lasts longer/],
    ['of another subject', () => ({ ...signedBy(asked), sub: 'bob' }), /another subject/],
    ['of another device', () => ({ ...signedBy(asked), device: 'ed25519:B' }), /another device/],
    ['at a terminal', () => ({ ...signedBy(asked), proof: { kind: 'terminal' } }), /wants the signature/],
    ['by a key that nobody has', () => signedBy(asked, {}, other), /ties that SSH key to nobody/],
    ['by another key than it says', () => withProof(signedBy(asked), { key: other.key }), /another SSH key/],
    ['for an approval', () => signedBy(asked, { namespace: 'hoopctl-approval' }), /something else/],
    ['without a touch', () => signedBy(asked, { flags: 0 }), /nobody touched/],
    ['for a longer request', () => withProof(signedBy(asked), { request: longerText() }), /does not hold/],
    [
      'long before it began',
      () => signedBy({ ...asked, at: later(new Date(), -HOUR).toISOString() }),
      /soon after/,
    ],
  ])('[ATK-FORGED-REQUEST] given one %s, says why not', async (_title, one, why) => {
    expect(await byKey(one())).toMatch(why)
  })

  it('given one of another person’s key, refuses it', async () => {
    const personOfKey = (): ReturnType<ProofChecks['personOfKey']> => person('bob')
    expect(await byKey(signedBy(asked), { personOfKey })).toBe('its SSH key is another person’s')
  })

  it('given a key that must verify its user, wants that it did', async () => {
    const personOfKey = (): ReturnType<ProofChecks['personOfKey']> => person('alice', true)
    expect(await byKey(signedBy(asked), { personOfKey })).toMatch(/did not verify its user/)
    expect(await byKey(signedBy(asked, { flags: 5 }), { personOfKey })).toBeNull()
  })

  const longer = (one: Activation): Activation => ({ ...one, expires: later(one.expires, 1) })
  const longerText = () =>
    requestText({ ...asked, grants: asked.grants.map((each) => ({ ...each, durationMs: 9 * HOUR })) })
})

function tampered({ proof }: Activation): string {
  const [header = '', payload = '', signature = ''] = proof.kind === 'oidc' ? proof.idToken.split('.') : []
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...claims, iat: claims.iat + 1 })).toString('base64url')
  return [header, changed, signature].join('.')
}

function otherForm({ proof }: Activation): string {
  const text = proof.kind === 'oidc' ? proof.request : ''
  return text.replace('hoopctl-request/1', 'hoopctl-request/2')
}
