import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { type SubjectFound, subjectOf } from '../../src/policy/subject-of.ts'
import type { Claims, SignIn } from '../../src/sign-in.ts'
import { policyOf } from './a-policy.ts'

const ISSUER = 'https://login.acme.example'
const CI = 'https://token.actions.githubusercontent.com'

/** A policy whose subjects sign in; `more` are further lines of `identity`. */
function policyWith(more = ''): Promise<Policy> {
  return policyOf(`identity:
  issuer: ${ISSUER}
  clientId: hoopctl
  approvals: { clientId: hoopctl-approve }
${more}rules: [{ allow: { tool: t } }]
`)
}

function signIn(claims: Claims, changes: Partial<SignIn> = {}): SignIn {
  return {
    issuer: ISSUER,
    clientId: 'hoopctl',
    kind: 'human',
    claims: { iss: ISSUER, sub: '00u1a', ...claims },
    confirmed: new Date('2026-11-21T09:00:00Z'),
    store: 'file',
    ...changes,
  }
}

async function found(claims: Claims, more = '', changes: Partial<SignIn> = {}): Promise<SubjectFound> {
  return subjectOf(signIn(claims, changes), await policyWith(more))
}

/** The groups of a subject; why there is none where there is none. */
async function groups(claims: Claims, more = ''): Promise<readonly string[] | string> {
  const result = await found(claims, more)
  return result.ok ? result.subject.groups : result.why
}

describe('who a sign-in is', () => {
  it('given claims, is issuer and sub, with verified email and groups', async () => {
    const claims = { email: 'ann@acme.example', email_verified: true, groups: ['dba', 'ops', 'dba'] }
    expect(await found(claims)).toEqual({
      ok: true,
      subject: {
        issuer: ISSUER,
        sub: '00u1a',
        email: 'ann@acme.example',
        groups: ['dba', 'ops'],
        kind: 'human',
        claims: { iss: ISSUER, sub: '00u1a', ...claims },
      },
    })
  })

  it.each([
    { given: 'no word on it', claims: {} },
    { given: 'false', claims: { email_verified: false } },
    { given: 'the text `true`', claims: { email_verified: 'true' } },
    { given: 'the number 1', claims: { email_verified: 1 } },
  ])('[ATK-CLAIMS] given $given whether the email is verified, has none', async ({ claims }) => {
    const result = await found({ email: 'ann@acme.example', ...claims })
    expect(result.ok && result.subject.email).toBe(null)
  })

  it.each([
    {
      given: 'a sub that is a number',
      claims: { sub: 7 },
      why: 'the sign-in does not say who it is (`sub`)',
    },
    { given: 'an empty sub', claims: { sub: '' }, why: 'the sign-in does not say who it is (`sub`)' },
    {
      given: 'a token of another issuer than the sign-in',
      claims: { iss: 'https://evil.example' },
      why: 'the token names another issuer than the sign-in',
    },
    {
      given: 'an email that is a list',
      claims: { email: ['ann@acme.example'], email_verified: true },
      why: 'the claim `email` is not a text',
    },
  ])('given $given, is nobody', async ({ claims, why }) => {
    expect(await found(claims)).toMatchObject({ ok: false, why })
  })

  it.each([
    { given: 'the client of receipts', changes: { clientId: 'hoopctl-approve' } },
    { given: 'another client', changes: { clientId: 'hoopctl2' } },
    { given: 'another issuer', changes: { issuer: `${ISSUER}/` }, iss: `${ISSUER}/` },
    { given: 'no workload’s issuer as a workload', changes: { kind: 'workload' as const } },
  ])('given a sign-in of $given, is nobody', async ({ changes, iss = ISSUER }) => {
    expect(await found({ iss }, '', changes)).toMatchObject({ ok: false })
  })

  it('given a policy without identity, is nobody: nothing was asked of anybody', async () => {
    const policy = await policyOf('rules: [{ allow: { tool: t } }]\n')
    expect(subjectOf(signIn({}), policy)).toMatchObject({
      ok: false,
      why: 'this policy asks nobody to sign in',
    })
  })
})

describe('the groups of a sign-in', () => {
  const keycloak = '  groups: { claim: realm_access.roles, map: { "grp-8f14": dba } }\n'

  it.each([
    { given: 'a list', claims: { groups: ['a'] }, more: '', is: ['a'] },
    { given: 'none', claims: {}, more: '', is: [] },
    { given: 'a path', claims: { realm_access: { roles: ['a'] } }, more: keycloak, is: ['a'] },
    {
      given: 'names that the policy calls otherwise',
      claims: { realm_access: { roles: ['grp-8f14', 'x', 'dba'] } },
      more: keycloak,
      is: ['dba', 'x'],
    },
    { given: 'nothing at the path', claims: { realm_access: {} }, more: keycloak, is: [] },
    { given: 'nothing on the way', claims: { groups: ['a'] }, more: keycloak, is: [] },
    {
      given: 'a claim with dots in its name',
      claims: { 'https://acme.example/roles': ['a'], 'https://acme': { example: 7 } },
      more: '  groups: { claim: "https://acme.example/roles" }\n',
      is: ['a'],
    },
    {
      given: 'a claim with dots in its name on the way',
      claims: { 'https://acme.example/app': { roles: ['a'] } },
      more: '  groups: { claim: "https://acme.example/app.roles" }\n',
      is: ['a'],
    },
    {
      given: 'what every object has',
      claims: {},
      more: '  groups: { claim: constructor.name }\n',
      is: [],
    },
  ])('given $given, are told', async ({ claims, more, is }) => {
    expect(await groups(claims, more)).toEqual(is)
  })

  it.each([
    { given: 'a text', groups: 'dba' },
    { given: 'texts with commas', groups: 'dba,ops' },
    { given: 'null', groups: null },
    { given: 'an object', groups: { dba: true } },
    { given: 'a list with a number', groups: ['dba', 7] },
    { given: 'a list of lists', groups: [['dba']] },
  ])('[ATK-CLAIMS] given $given where a list of texts belongs, are refused', async ({ groups: wrong }) => {
    const why = 'the claim `groups` is not a list of texts, so nobody knows the groups'
    expect(await groups({ groups: wrong })).toBe(why)
  })

  it('given something else than an object on the way, are refused', async () => {
    expect(await groups({ realm_access: 'x' }, keycloak)).toContain('is not a list of texts')
    expect(await groups({ realm_access: [{ roles: ['dba'] }] }, keycloak)).toContain('is not a list of texts')
  })

  it.each([
    {
      given: '`_claim_names` with the groups',
      claims: { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } },
    },
    { given: '`_claim_names` and some groups', claims: { groups: ['a'], _claim_names: { groups: 'src1' } } },
    { given: '`_claim_sources` alone', claims: { _claim_sources: { src1: {} } } },
    { given: '`_claim_names` that is no object', claims: { _claim_names: 'groups' } },
    { given: '`hasgroups`', claims: { hasgroups: true } },
    { given: '`hasgroups` as text', claims: { hasgroups: 'true' } },
  ])('[ATK-CLAIMS] given $given, are refused with the words that help', async ({ claims }) => {
    expect(await found(claims)).toEqual({
      ok: false,
      why: 'the identity provider left the groups out of the token, because there are too many (Entra calls it overage)',
      hint: 'use app roles (`identity.groups.claim: roles`), or let the provider send only the groups assigned to the application',
    })
  })

  it('given overage of groups where the policy reads app roles, are the roles', async () => {
    const claims = { roles: ['dba'], _claim_names: { groups: 'src1' }, _claim_sources: {}, hasgroups: true }
    expect(await groups(claims, '  groups: { claim: roles }\n')).toEqual(['dba'])
    const { roles: _, ...without } = claims
    expect(await groups(without, '  groups: { claim: roles }\n')).toEqual([])
  })
})

describe('a workload', () => {
  const workloads = `  workloads:
    - { issuer: "${CI}", audience: hoopctl, groups: [ci], when: claims.repository == "acme/orders" }
    - { issuer: "${CI}", audience: hoopctl, groups: [release, ci], when: claims.ref == "refs/tags/v1" }
    - { issuer: "${CI}", audience: other, groups: [dba] }
`
  async function workload(claims: Claims, changes: Partial<SignIn> = {}): Promise<SubjectFound> {
    const given = { issuer: CI, kind: 'workload' as const, store: null, ...changes }
    const { policy } = await parsePolicy(
      Buffer.from(`apiVersion: hoopctl/v1
kind: Policy
metadata: { name: x }
identity:
  issuer: ${ISSUER}
  clientId: hoopctl
${workloads}rules: [{ allow: { tool: t } }]
`),
      'p.yaml',
    )
    if (policy === null) throw new Error('the policy is not sound')
    return subjectOf(signIn({ iss: given.issuer, sub: 'repo:acme/orders', ...claims }, given), policy)
  }

  it('given an entry whose condition holds, is in its groups, without the email and groups of its claims', async () => {
    const claims = { repository: 'acme/orders', groups: ['dba'], email: 'a@b', email_verified: true }
    expect(await workload(claims)).toMatchObject({
      ok: true,
      subject: { issuer: CI, sub: 'repo:acme/orders', email: null, groups: ['ci'], kind: 'workload' },
    })
  })

  it('given several such entries, is in the groups of each', async () => {
    const result = await workload({ repository: 'acme/orders', ref: 'refs/tags/v1' })
    expect(result.ok && result.subject.groups).toEqual(['ci', 'release'])
  })

  it.each([
    { given: 'no condition that holds', claims: { repository: 'evil/orders', ref: 'x' } },
    { given: 'conditions that fail', claims: {} },
    { given: 'another audience', claims: { repository: 'acme/orders' }, changes: { clientId: 'sts' } },
    {
      given: 'another issuer',
      claims: { repository: 'acme/orders' },
      changes: { issuer: 'https://ci.example' },
    },
    {
      given: 'the word of a person',
      claims: { repository: 'acme/orders' },
      changes: { kind: 'human' as const },
    },
  ])('[ATK-ANY-WORKLOAD] given $given, is nobody', async ({ claims, changes }) => {
    expect(await workload(claims, changes)).toMatchObject({ ok: false })
  })
})
