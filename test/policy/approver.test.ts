import { describe, expect, it } from 'vitest'
import { approverOfClaims, approverOfKey } from '../../src/policy/approver.ts'
import type { Claims } from '../../src/sign-in.ts'
import { policyOf } from './a-policy.ts'

const ISSUER = 'https://login.acme.example'
const ANN = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51'
const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPxzTWxOZdAr1DhTMeVJrxgc8ZBMtWS/NT5QY7IbMD5O'
const SK_BOB =
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51AAAABHNzaDo='
const SECTIONS = `identity:
  issuer: ${ISSUER}
  clientId: hoopctl
  groups: { claim: roles, map: { grp-1: dba } }
  approvals: { clientId: hoopctl-approve }
people:
  - { issuer: "${ISSUER}", sub: ann, email: ann@acme.example, groups: [dba], keys: [${ANN} ann@laptop] }
  - { issuer: "${ISSUER}", sub: bob, keys: [${BOB}, verify-required ${SK_BOB}] }
rules: [{ allow: { tool: t } }]
`

async function found(claims: Claims): Promise<unknown> {
  const said = approverOfClaims({ iss: ISSUER, sub: '00u1', ...claims }, await policyOf(SECTIONS))
  return said.ok ? said.approver : said.why
}

describe('who answered by a sign-in', () => {
  it('given claims, is issuer and sub, with the verified email, the groups in the words of the policy, and when', async () => {
    const claims = {
      email: 'eve@acme.example',
      email_verified: true,
      roles: ['grp-1', 'ops'],
      auth_time: 1_795_253_400,
    }
    expect(await found(claims)).toEqual({
      issuer: ISSUER,
      sub: '00u1',
      email: 'eve@acme.example',
      groups: ['dba', 'ops'],
      authTime: '2026-11-21T09:30:00.000Z',
    })
  })

  it('[ATK-CLAIMS] given an email that nobody verified, has none; given no time, has none', async () => {
    expect(await found({ email: 'eve@acme.example' })).toMatchObject({ email: null, authTime: null })
    expect(await found({ email: 'eve@acme.example', email_verified: 'true' })).toMatchObject({ email: null })
  })

  it.each([
    { given: 'another issuer', claims: { iss: 'https://evil.example' }, why: 'of another issuer' },
    { given: 'no issuer', claims: { iss: undefined }, why: 'of another issuer' },
    { given: 'no sub', claims: { sub: undefined }, why: 'does not say who it is' },
    { given: 'an empty sub', claims: { sub: '' }, why: 'does not say who it is' },
    { given: 'groups that are a text', claims: { roles: 'dba' }, why: 'is not a list of texts' },
    { given: 'an email that is a list', claims: { email: ['a@b'] }, why: 'the claim `email` is not a text' },
    { given: 'a time that is a text', claims: { auth_time: '1795253400' }, why: 'no point in time' },
    { given: 'a time that never comes', claims: { auth_time: 1e300 }, why: 'no point in time' },
    { given: 'a time that is no number', claims: { auth_time: Number.NaN }, why: 'no point in time' },
  ])('[ATK-CLAIMS] given $given, is nobody', async ({ claims, why }) => {
    expect(await found(claims)).toContain(why)
  })

  it.each([
    { given: 'no client for answers', sections: SECTIONS.replace(/ {2}approvals.*\n/u, '') },
    { given: 'no identity', sections: 'rules: [{ allow: { tool: t } }]\n' },
  ])('given a policy with $given, is nobody', async ({ sections }) => {
    expect(approverOfClaims({ iss: ISSUER, sub: 'x' }, await policyOf(sections))).toEqual({
      ok: false,
      why: 'this policy has no client at which answers are proven',
      hint: 'ask for `identity.approvals` in the policy',
    })
  })
})

describe('who answered with a key', () => {
  it.each([
    { given: 'the key alone', key: ANN },
    { given: 'another comment', key: `${ANN} mallory@evil` },
  ])('given $given, is whose key it is, with what the policy vouches for', async ({ key }) => {
    expect(approverOfKey(key, await policyOf(SECTIONS))).toEqual({
      ok: true,
      approver: { issuer: ISSUER, sub: 'ann', email: 'ann@acme.example', groups: ['dba'], authTime: null },
      verifyRequired: false,
    })
  })

  it('given each key of a person, is that person; the policy says whether the device must verify its user', async () => {
    const policy = await policyOf(SECTIONS)
    const bob = { issuer: ISSUER, sub: 'bob', email: null, groups: [], authTime: null }
    expect(approverOfKey(BOB, policy)).toEqual({ ok: true, approver: bob, verifyRequired: false })
    expect(approverOfKey(SK_BOB, policy)).toEqual({ ok: true, approver: bob, verifyRequired: true })
  })

  it.each([
    { given: 'a key of nobody', key: SK_BOB.replace('HNzaDo=', 'HNzaDE=') },
    { given: 'a type that is not the key’s', key: ANN.replace('ssh-ed25519', 'ssh-rsa') },
    { given: 'the type alone', key: 'ssh-ed25519' },
    { given: 'nothing', key: '' },
  ])('given $given, is nobody', async ({ key }) => {
    expect(approverOfKey(key, await policyOf(SECTIONS))).toEqual({
      ok: false,
      why: 'this key belongs to nobody under this policy',
      hint: 'ask for it under `people` of the policy',
    })
  })
})
