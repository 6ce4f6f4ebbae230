import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import { printProblem } from '../../src/policy/problem.ts'

const HEAD = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 42, expires: 2026-12-20T00:00:00Z }
identity: { issuer: "https://login.acme.example", clientId: hoopctl }
rules: [{ allow: { tool: t } }]
`
const ROLE = 'arn:aws:iam::111122223333:role/hoopctl-audit'

async function loaded(to: string, signed: boolean, more = ', payloads: { results: digest }') {
  const text = `${HEAD}audit: { upload: { to: [${to}] }${more} }\n`
  const { policy, problems } = await parsePolicy(Buffer.from(text), 'p.yaml', { signed })
  return {
    uploads: policy?.uploads ?? null,
    says: problems.map((problem) => printProblem(problem).split('\n')[0] ?? ''),
  }
}

describe('audit.upload', () => {
  it('given destinations in a signed policy, has them, each URL with its `/`', async () => {
    const s3 = `{ url: "s3://acme-audit/hoopctl", region: eu-central-1, role: "${ROLE}" }`
    expect(await loaded(`${s3}, { url: "file:///srv/audit/" }`, true)).toEqual({
      uploads: [
        {
          url: 's3://acme-audit/hoopctl/',
          region: 'eu-central-1',
          role: ROLE,
          endpoint: null,
          keeping: null,
        },
        { url: 'file:///srv/audit/', region: null, role: null, endpoint: null, keeping: null },
      ],
      says: [],
    })
  })

  it('given a bucket in a policy that is not signed, does not use it and says so; a directory is used', async () => {
    const { uploads, says } = await loaded('{ url: "s3://acme-audit/" }, { url: "file:///srv/audit" }', false)
    expect(uploads?.map(({ url }) => url)).toEqual(['file:///srv/audit/'])
    expect(says).toEqual([
      'p.yaml:6:25: warning: this destination is not used: this policy is not signed, so nothing leaves the machine',
    ])
  })

  it('given how a bucket keeps objects, has it', async () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
    const lock = 'lock: { mode: compliance, for: 365d }'
    const s3 = `{ url: "s3://a-b-c/", role: "${ROLE}", encryption: "aws:kms", kmsKey: "${key}", ${lock} }`
    const { uploads, says } = await loaded(s3, true)
    const kept = { mode: 'compliance', forMs: 365 * 86_400_000 }
    expect(uploads?.map(({ keeping }) => keeping)).toEqual([
      { encryption: 'aws:kms', kmsKey: key, lock: kept },
    ])
    expect(says).toEqual([])
  })

  it('given a role and a key that is not named by its ARN, warns', async () => {
    const s3 = `{ url: "s3://a-b-c/", role: "${ROLE}", encryption: "aws:kms", kmsKey: alias/audit }`
    expect((await loaded(s3, true)).says).toEqual([
      'p.yaml:6:132: warning: this is not the ARN of a key, so AWS will not let `role` use it: rights are given by ARN',
    ])
  })

  it.each([
    ['what nobody wrote', ''],
    ['`whole`', ', payloads: { results: whole }'],
  ])('given results that are recorded whole (%s), warns of uploading them', async (_given, more) => {
    const says = [
      'p.yaml:6:18: warning: results are recorded whole, so what tools return is uploaded too, with secrets and personal data in it',
    ]
    expect((await loaded('{ url: "s3://a-b-c/" }', true, more)).says).toEqual(says)
    expect((await loaded('{ url: "file:///srv/audit/" }', false, more)).says).toEqual(says)
  })

  it.each([
    ['two of the same', '{ url: "s3://a-b-c/x/" }, { url: "s3://a-b-c/x" }', 'stands here twice'],
    [
      'a directory with a role',
      `{ url: "file:///a", role: "${ROLE}" }`,
      'a directory has no `region`, `role` or `endpoint`',
    ],
    ['another scheme', '{ url: "ftp://a/b" }', 'a destination is written like'],
    ['a way up', '{ url: "file:///a/../b" }', 'a destination is written like'],
    ['none', '', 'this list is empty'],
    [
      'a key without KMS',
      '{ url: "s3://a-b-c/", encryption: AES256, kmsKey: k }',
      'p.yaml:6:67: `kmsKey` is used with `encryption: aws:kms` only',
    ],
    ['a key of another form', '{ url: "s3://a-b-c/", kmsKey: "a*" }', 'a key is named by its ARN'],
    [
      'a lock of a directory',
      '{ url: "file:///a", lock: { mode: compliance, for: 1d } }',
      'p.yaml:6:45: only a bucket (`s3://`) has `lock`',
    ],
    ['a lock without a time', '{ url: "s3://a-b-c/", lock: { mode: compliance } }', '`for`'],
    ['a lock for ever', '{ url: "s3://a-b-c/", lock: { mode: governance, for: 36501d } }', '`36500d`'],
    [
      'another lock',
      '{ url: "s3://a-b-c/", lock: { mode: LEGAL, for: 1d } }',
      'expected (`governance` | `compliance`)',
    ],
    ['another encryption', '{ url: "s3://a-b-c/", encryption: none }', 'expected (`AES256` | `aws:kms`)'],
    [
      'a password in an endpoint',
      '{ url: "s3://a-b-c/", endpoint: "https://u:p@h/" }',
      'this address cannot be used',
    ],
  ])('given %s, refuses the policy', async (_given, to, says) => {
    const found = await loaded(to, true)
    expect(found.uploads).toBeNull()
    expect(found.says.join('\n')).toContain(says)
  })
})
