import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { terms } from './a-demand.ts'

const HEAD = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 42, expires: 2026-12-20T00:00:00Z }
`
const IDENTITY = `identity:
  issuer: https://login.acme.example
  clientId: hoopctl
  approvals: { clientId: hoopctl-approve, acrValues: [phr, mfa] }
`
const PEOPLE = `people:
  - issuer: https://login.acme.example
    sub: 00u9b
    email: ann@acme.example
    groups: [dba]
    keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51 ann@laptop
      - verify-required sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51AAAABHNzaDo=
`
const APPROVALS = `approvals:
  maxWaiting: 3
  store: { url: "s3://acme-approvals/eu", region: eu-central-1, role: "arn:aws:iam::111122223333:role/hoopctl-approvals", endpoint: "http://127.0.0.1:7480" }
  notify:
    - { url: "https://chat.acme.example/hook?room=7", key: 0123456789abcdef }
    - { url: "http://localhost:8080/", arguments: true, keyFile: /etc/hoopctl/hook.key }
`
const ASK = 'rules:\n  - ask: { tool: t }\n'

async function loaded(text: string, signed: boolean): Promise<{ policy: Policy | null; says: string[] }> {
  const { policy, problems } = await parsePolicy(Buffer.from(HEAD + text), 'p.yaml', { signed })
  return { policy, says: problems.map((problem) => printProblem(problem).split('\n')[0] ?? '') }
}

describe('the terms of a rule that asks', () => {
  it('given none, has the defaults: at a terminal in an unsigned policy, by a sign-in in a signed one', async () => {
    const unsigned = await loaded(ASK, false)
    expect(unsigned).toMatchObject({ policy: { rules: [{ ask: terms() }] }, says: [] })
    const signed = await loaded(IDENTITY + ASK, true)
    expect(signed).toMatchObject({ policy: { rules: [{ ask: terms({ proof: 'oidc' }) }] }, says: [] })
  })

  it('given everything, has that', async () => {
    const approval = `    approval:
      by: { groups: [dba], emails: [eve@acme.example] }
      notSelf: false
      count: 1
      proof: key
      confirm: type
      wait: 30s
      onTimeout: deny
      timeout: 30s
      valid: 1m
      edit: true
      remember: { count: 5, for: 2h }
      message: look at the table first
`
    const { policy, says } = await loaded(IDENTITY + PEOPLE + ASK + approval, true)
    expect(says).toEqual([])
    expect(policy?.rules[0]?.ask).toEqual({
      by: { groups: ['dba'], emails: ['eve@acme.example'] },
      notSelf: false,
      count: 1,
      proof: 'key',
      confirm: 'type',
      waitMs: 30_000,
      onTimeout: 'deny',
      timeoutMs: 30_000,
      validMs: 60_000,
      edit: true,
      remember: { count: 5, forMs: 7_200_000 },
      message: 'look at the table first',
    })
  })

  it.each([
    { approval: '{ by: everyone }', notSelf: true },
    { approval: '{ by: everyone, notSelf: false }', notSelf: false },
    { approval: '{ notSelf: true }', notSelf: true },
    { approval: '{}', notSelf: false },
  ])('given approval: $approval, leaves out who asks: $notSelf', async ({ approval, notSelf }) => {
    const { policy } = await loaded(`${IDENTITY}${ASK}    approval: ${approval}\n`, true)
    expect(policy?.rules[0]?.ask?.notSelf).toBe(notSelf)
  })

  it('given a question that lives for less than `wait` by default, is held for no longer than that', async () => {
    const { policy, says } = await loaded(`${ASK}    approval: { timeout: 20s }\n`, false)
    expect(says).toEqual([])
    expect(policy?.rules[0]?.ask).toMatchObject({ waitMs: 20_000, timeoutMs: 20_000 })
  })

  it('given a signed policy without a client for answers, does not load; with a terminal said, it does', async () => {
    const alone = IDENTITY.replace(/ {2}approvals.*\n/u, '')
    expect(await loaded(alone + ASK, true)).toEqual({
      policy: null,
      says: [
        'p.yaml:8:10: in a signed policy an answer is proven at `identity.approvals`, which there is not',
      ],
    })
    const { policy, says } = await loaded(`${alone}${ASK}    approval: { proof: terminal }\n`, true)
    expect(says).toEqual([])
    expect(policy?.rules[0]?.ask).toEqual(terms())
  })

  it('given a rule in a grant, has its terms; the same file found sound before, too', async () => {
    const text = `${IDENTITY}servers: { db: {} }
grants:
  - { name: g, server: db, who: everyone, rules: [{ ask: { tool: t }, approval: { by: everyone } }] }
`
    const sound = { has: () => true, add: () => undefined }
    for (const options of [{}, { sound }]) {
      const { policy } = await parsePolicy(Buffer.from(HEAD + text), 'p.yaml', { signed: true, ...options })
      const wanted = terms({ by: 'everyone', notSelf: true, proof: 'oidc' })
      expect(policy?.grants[0]?.rules[0]?.ask).toEqual(wanted)
    }
  })

  it('given a file that was sound as a signed one, refuses it unsigned all the same', async () => {
    const text = `${IDENTITY}${ASK}    approval: { by: everyone }\n`
    const sound = { has: () => true, add: () => undefined }
    const { policy } = await parsePolicy(Buffer.from(HEAD + text), 'p.yaml', { signed: false, sound })
    expect(policy).toBe(null)
  })
})

describe('people', () => {
  it('given keys, has them, with what the policy vouches for', async () => {
    const { policy, says } = await loaded(IDENTITY + PEOPLE + ASK, true)
    expect(says).toEqual([])
    const sk = { type: 'sk-ssh-ed25519@openssh.com', comment: null, verifyRequired: true }
    expect(policy?.people).toEqual([
      {
        issuer: 'https://login.acme.example',
        sub: '00u9b',
        email: 'ann@acme.example',
        groups: ['dba'],
        keys: [
          {
            type: 'ssh-ed25519',
            base64: 'AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51',
            comment: 'ann@laptop',
            verifyRequired: false,
          },
          { ...sk, base64: / (AAAAGn\S+)/u.exec(PEOPLE)?.[1] },
        ],
      },
    ])
  })

  it('given an entry that shows only the type of a key, loads with a warning and without that key', async () => {
    const placeholder = PEOPLE.replace(/ {6}- ssh-ed25519.*\n/u, '')
      .replace(/AAAAIN\S+/u, '')
      .replace('verify-required ', '')
    const { policy, says } = await loaded(IDENTITY + placeholder + ASK, true)
    expect(policy?.people[0]?.keys).toEqual([])
    expect(says).toHaveLength(1)
  })
})

describe('approvals', () => {
  it('given a signed policy, has what it says', async () => {
    const { policy, says } = await loaded(IDENTITY + APPROVALS + ASK, true)
    expect(says).toEqual([])
    expect(policy?.identity?.approvals).toEqual({ clientId: 'hoopctl-approve', acrValues: ['phr', 'mfa'] })
    const { maxWaiting, store, notify = [] } = policy?.approvals ?? {}
    expect({ maxWaiting, store }).toEqual({
      maxWaiting: 3,
      store: {
        url: 's3://acme-approvals/eu',
        region: 'eu-central-1',
        role: 'arn:aws:iam::111122223333:role/hoopctl-approvals',
        endpoint: 'http://127.0.0.1:7480',
      },
    })
    expect(notify.map(({ key, ...rest }) => ({ ...rest, key: key?.reveal() ?? null }))).toEqual([
      {
        url: 'https://chat.acme.example/hook?room=7',
        arguments: false,
        key: '0123456789abcdef',
        keyFile: null,
      },
      { url: 'http://localhost:8080/', arguments: true, key: null, keyFile: '/etc/hoopctl/hook.key' },
    ])
    expect(JSON.stringify(notify)).not.toContain('0123456789abcdef')
  })

  it('given the same unsigned, loads with a warning for each: nothing leaves the machine', async () => {
    const { policy, says } = await loaded(
      `${IDENTITY}${APPROVALS}${ASK}    approval: { proof: oidc }\n`,
      false,
    )
    expect(policy?.approvals).toEqual({ maxWaiting: 3, store: null, notify: [] })
    expect(says).toEqual([
      'p.yaml:10:10: warning: `approvals.store` is not used: this policy is not signed, so nothing leaves the machine',
      'p.yaml:12:5: warning: `approvals.notify` is not used: this policy is not signed, so nothing leaves the machine',
    ])
  })

  it('[ATK-STORE-WRITER] given a store and an answer at a terminal, does not load', async () => {
    const { policy, says } = await loaded(
      `${IDENTITY}${APPROVALS}${ASK}    approval: { proof: terminal }\n`,
      true,
    )
    expect(policy).toBe(null)
    expect(says).toEqual([
      'p.yaml:16:24: an answer through `approvals.store` needs to know who answers, and `proof: terminal` does not show it',
    ])
  })
})

describe('a grant that a second person agrees to', () => {
  const grant = (activate: string) => `servers: { db: {} }
grants:
  - { name: g, server: db, who: everyone, activate: ${activate}, rules: [{ allow: { tool: t } }] }
`
  it.each([
    { given: 'a terminal', activate: '{ mode: approval, proof: terminal }', signed: true, loads: false },
    { given: 'no proof, unsigned', activate: '{ mode: approval }', signed: false, loads: false },
    { given: 'no proof, signed', activate: '{ mode: approval }', signed: true, loads: true },
    { given: 'a sign-in', activate: '{ mode: approval, proof: oidc }', signed: false, loads: true },
    { given: 'a key', activate: '{ mode: approval, proof: key }', signed: false, loads: true },
  ])('given $given, loads: $loads', async ({ activate, signed, loads }) => {
    const { policy } = await loaded(IDENTITY + PEOPLE + grant(activate), signed)
    expect(policy !== null).toBe(loads)
  })

  it('given a key and nobody who has one, does not load', async () => {
    expect((await loaded(IDENTITY + grant('{ mode: approval, proof: key }'), false)).policy).toBe(null)
    expect((await loaded(IDENTITY + grant('{ mode: session, proof: key }'), false)).policy).not.toBe(null)
  })
})
