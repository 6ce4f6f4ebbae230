import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { terms } from './a-demand.ts'
import { policyOf } from './a-policy.ts'

const NOW = new Date('2026-11-21T09:30:00Z')
const HEAD = 'apiVersion: hoopctl/v1\nkind: Policy\n'
const META = 'metadata: { name: acme, version: 42, expires: 2026-12-20T00:00:00Z }\n'
const IDENTITY = `identity:
  issuer: https://login.acme.example
  clientId: hoopctl
  approvals: { clientId: hoopctl-approve }
`
const REST = `servers: { db: {} }
grants:
  - { name: asked, server: db, who: { groups: [dba] }, rules: [{ allow: { tool: put } }] }
  - { name: begun, server: db, who: { groups: [dba] }, activate: { mode: session }, rules: [{ allow: { tool: get_x } }] }
`

async function loaded(text: string, signed: boolean): Promise<{ policy: Policy | null; says: string[] }> {
  const { policy, problems } = await parsePolicy(Buffer.from(HEAD + text), 'p.yaml', { now: NOW, signed })
  return { policy, says: problems.map((problem) => printProblem(problem).split('\n')[0] ?? '') }
}

describe('identity', () => {
  it('given the least, has its defaults', async () => {
    const { identity, claims } = await policyOf(
      'identity: { issuer: "https://a.example", clientId: c }\nrules: [{ allow: { tool: t } }]\n',
    )
    expect(identity).toEqual({
      issuer: 'https://a.example',
      clientId: 'c',
      scopes: ['openid', 'email', 'offline_access'],
      redirectPort: null,
      maxAgeMs: 12 * 3_600_000,
      approvals: null,
      workloads: [],
    })
    expect(claims).toEqual({ groupsClaim: 'groups', groupNames: new Map(), workloads: [] })
  })

  it('given everything, has that; each issuer and audience of workloads once', async () => {
    const { identity, claims } = await policyOf(`identity:
  issuer: https://a.example/realms/x
  clientId: c
  scopes: [openid, groups]
  groups: { claim: realm_access.roles, map: { grp-1: dba } }
  maxAge: 30m
  approvals: { clientId: c2 }
  workloads:
    - { issuer: "https://ci.example", audience: h, groups: [ci], when: claims.repository == "a/b" }
    - { issuer: "https://ci.example", audience: h, when: claims.repository == "a/c" }
    - { issuer: "https://k8s.example", audience: h, when: claims.sub == "x" }
rules: [{ allow: { tool: t } }]
`)
    expect(identity).toEqual({
      issuer: 'https://a.example/realms/x',
      clientId: 'c',
      scopes: ['openid', 'groups'],
      redirectPort: null,
      maxAgeMs: 1_800_000,
      approvals: { clientId: 'c2', acrValues: [] },
      workloads: [
        { issuer: 'https://ci.example', audience: 'h' },
        { issuer: 'https://k8s.example', audience: 'h' },
      ],
    })
    expect(claims?.groupNames).toEqual(new Map([['grp-1', 'dba']]))
    expect(claims?.workloads.map(({ groups, when }) => [groups, when?.source])).toEqual([
      [['ci'], 'claims.repository == "a/b"'],
      [[], 'claims.repository == "a/c"'],
      [[], 'claims.sub == "x"'],
    ])
  })
})

describe('a grant', () => {
  it('given the least, has its defaults', async () => {
    const { grants } = await policyOf(
      'servers: { db: {} }\ngrants: [{ name: g, server: db, who: everyone, rules: [{ allow: { tool: t } }] }]\n',
    )
    const { rules: _, ...rest } = grants[0] ?? { rules: [] }
    expect(rest).toEqual({
      name: 'g',
      server: 'db',
      who: 'everyone',
      when: null,
      activate: { mode: 'request', reason: 'optional', proof: 'terminal', approval: null },
      listed: 'available',
      duration: { defaultMs: 1_800_000, maxMs: 1_800_000 },
      uses: null,
    })
  })

  it('given that a second person must agree, has who, how many, for how long and by what proof; never whoever asks', async () => {
    const identity =
      'identity: { issuer: https://login.acme.example, clientId: a, approvals: { clientId: b } }\n'
    const activate = async (more: string) => {
      const grant = `{ name: g, server: db, who: everyone, activate: { mode: approval, proof: oidc${more} }, rules: [{ allow: { tool: t } }] }`
      return (await policyOf(`${identity}servers: { db: {} }\ngrants: [${grant}]\n`)).grants[0]?.activate
    }
    const minutes = 60_000
    const least = terms({ proof: 'oidc', notSelf: true, onTimeout: 'deny', waitMs: 30 * minutes })
    expect(await activate('')).toEqual({
      mode: 'approval',
      reason: 'optional',
      proof: 'oidc',
      approval: least,
    })
    const most = ', reason: required, by: { groups: [dba] }, count: 2, timeout: 2h, message: Sure?'
    const times = { waitMs: 120 * minutes, timeoutMs: 120 * minutes, validMs: 120 * minutes }
    const by = { groups: ['dba'], emails: [] }
    expect(await activate(most)).toMatchObject({
      reason: 'required',
      approval: { ...least, ...times, by, count: 2, message: 'Sure?' },
    })
  })

  it.each([
    { duration: '{ default: 15m, max: 1h }', is: { defaultMs: 900_000, maxMs: 3_600_000 } },
    { duration: '{ default: 2h }', is: { defaultMs: 7_200_000, maxMs: 7_200_000 } },
    { duration: '{ max: 4h }', is: { defaultMs: 1_800_000, maxMs: 14_400_000 } },
    { duration: '{ max: 1m }', is: { defaultMs: 60_000, maxMs: 60_000 } },
  ])('given duration: $duration, lasts so long', async ({ duration, is }) => {
    const { grants } = await policyOf(
      `servers: { db: {} }\ngrants: [{ name: g, server: db, who: everyone, duration: ${duration}, rules: [{ allow: { tool: t } }] }]\n`,
    )
    expect(grants[0]?.duration).toEqual(is)
  })
})

describe('a signed policy', () => {
  it('given what it must have, loads; what is asked for is proven by a sign-in', async () => {
    const { policy, says } = await loaded(META + IDENTITY + REST, true)
    expect(says).toEqual([])
    expect(policy).toMatchObject({ signed: true, version: 42, unlisted: 'deny', refreshMs: 300_000 })
    expect(policy?.grants.map(({ activate }) => activate.proof)).toEqual(['oidc', 'terminal'])
  })

  it('given the same unsigned, is proven at the terminal, and unlisted commands are allowed', async () => {
    const { policy } = await loaded(META + IDENTITY + REST, false)
    expect(policy).toMatchObject({ signed: false, unlisted: 'allow' })
    expect(policy?.grants.map(({ activate }) => activate.proof)).toEqual(['terminal', 'terminal'])
  })

  it('given none of what it must have, says each', async () => {
    expect(await loaded(`metadata: { name: acme }\nrules: [{ allow: { tool: t } }]\n`, true)).toEqual({
      policy: null,
      says: [
        'p.yaml:3:1: a signed policy must have `identity`: whoever fetches it must sign in',
        'p.yaml:3:1: a signed policy must have `metadata.version`: without it an older policy could be put back',
        'p.yaml:3:1: a signed policy must have `metadata.expires`: without it an old policy could be kept alive',
      ],
    })
  })

  it('given a grant on request and no client for its proof, says so', async () => {
    const alone = IDENTITY.replace(/ {2}approvals.*\n/u, '')
    const { says } = await loaded(META + alone + REST, true)
    expect(says).toEqual([
      'p.yaml:9:13: in a signed policy a grant is proven at `identity.approvals`, which there is not',
    ])
    const terminal = REST.replace(
      'rules: [{ allow: { tool: put',
      'activate: { proof: terminal }, rules: [{ allow: { tool: put',
    )
    expect((await loaded(META + alone + terminal, true)).says).toEqual([])
  })

  it.each([
    { expires: '2026-12-22T09:30:00Z', signed: true, version: 'version: 1, ', warned: false },
    { expires: '2026-12-22T09:30:01Z', signed: true, version: 'version: 1, ', warned: true },
    { expires: '2026-12-22T09:30:01Z', signed: false, version: 'version: 1, ', warned: true },
    { expires: '2030-01-01T00:00:00Z', signed: false, version: '', warned: false },
  ])(
    'given expires: $expires, signed: $signed, warns: $warned',
    async ({ expires, signed, version, warned }) => {
      const meta = `metadata: { name: acme, ${version}expires: ${expires} }\n`
      const { policy, says } = await loaded(meta + IDENTITY + REST, signed)
      expect(policy).not.toBe(null)
      expect(says.some((line) => line.includes('more than a month ahead'))).toBe(warned)
    },
  )

  it.each([
    { version: '2147483648', loads: true },
    { version: '2147483649', loads: false },
    { version: '0', loads: false },
    { version: '1.5', loads: false },
  ])('given version: $version, loads: $loads', async ({ version, loads }) => {
    const { policy } = await loaded(META.replace('42', version) + IDENTITY + REST, true)
    expect(policy !== null).toBe(loads)
  })
})
