import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import { printProblem } from '../../src/policy/problem.ts'

const HEAD = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 42, expires: 2026-12-20T00:00:00Z }
identity: { issuer: "https://login.acme.example", clientId: hoopctl, workloads: [{ issuer: "https://ci.acme.example", audience: ci, when: claims.sub == "x" }] }
rules: [{ allow: { tool: t } }]
`
const NOTHING = { region: null, role: null, endpoint: null, audience: null, scope: null, keeping: null }
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
        { ...NOTHING, url: 's3://acme-audit/hoopctl/', region: 'eu-central-1', role: ROLE },
        { ...NOTHING, url: 'file:///srv/audit/' },
      ],
      says: [],
    })
  })

  it('given a lock whose time has no unit, says it in days', async () => {
    const text = `${HEAD}audit: { upload: { to: [{ url: "s3://a-b-c/", lock: { mode: compliance, for: 365 } }] } }\n`
    const { problems } = await parsePolicy(Buffer.from(text), 'p.yaml', { signed: true })
    expect(problems.map(({ hint }) => hint)).toEqual(['with a unit: `365d`'])
  })

  it('given a web server in a signed policy, has it, with whom its token is for; plain http for this machine', async () => {
    const to = `{ url: "https://e.acme.example:8443/hoopctl", audience: "https://e.acme.example" }`
    const scoped = `{ url: "https://f.acme.example", audience: e3b0c442, scope: "offline_access api://f/.default" }`
    const here = `{ url: "http://[::1]:80/", audience: "urn:here" }`
    expect(await loaded(`${to}, ${scoped}, ${here}`, true)).toEqual({
      uploads: [
        { ...NOTHING, url: 'https://e.acme.example:8443/hoopctl/', audience: 'https://e.acme.example' },
        {
          ...NOTHING,
          url: 'https://f.acme.example/',
          audience: 'e3b0c442',
          scope: 'offline_access api://f/.default',
        },
        { ...NOTHING, url: 'http://[::1]:80/', audience: 'urn:here' },
      ],
      says: [],
    })
  })

  it('given a web server in a policy that is not signed, does not use it and says so', async () => {
    const { uploads, says } = await loaded('{ url: "https://e.acme.example/", audience: "urn:e" }', false)
    expect(uploads).toEqual([])
    expect(says).toEqual([
      'p.yaml:6:25: warning: this destination is not used: this policy is not signed, so nothing leaves the machine',
    ])
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
    [
      'a web server with a role',
      `{ url: "https://e/", audience: "urn:e", role: "${ROLE}" }`,
      'a web server has no `region`, `role` or `endpoint`',
    ],
    ['a web server without audience', '{ url: "https://e/" }', 'an https destination needs `audience`'],
    [
      'a bucket with audience',
      '{ url: "s3://a-b-c/", audience: "urn:e" }',
      'only an https destination has `audience`',
    ],
    ['a directory with scope', '{ url: "file:///a", scope: e }', 'only an https destination has `audience`'],
    [
      'an audience that is no URI',
      '{ url: "https://e/", audience: e }',
      'without `scope` an audience is a URI',
    ],
    [
      'an audience with a fragment',
      '{ url: "https://e/", audience: "https://e#f" }',
      'without `scope` an audience is a URI without fragment',
    ],
    [
      'the client that people sign in with',
      '{ url: "https://e/", audience: hoopctl, scope: e }',
      'this is the audience of tokens that people or workloads sign in with',
    ],
    [
      'plain http elsewhere',
      '{ url: "http://e/", audience: "urn:e" }',
      'plain http is for one on this machine',
    ],
    [
      'the audience of workloads',
      '{ url: "https://e/", audience: ci, scope: e }',
      'this is the audience of tokens that people or workloads sign in with',
    ],
    ['a query', '{ url: "https://e/?a=b", audience: "urn:e" }', 'a destination is written like'],
    ['a password', '{ url: "https://u:p@e/", audience: "urn:e" }', 'a destination is written like'],
    ['a host that is none', '{ url: "https://[e]/", audience: "urn:e" }', 'it is no URL'],
    ['a way up', '{ url: "https://e/../b", audience: "urn:e" }', 'a destination is written like'],
    [
      'two spaces in a scope',
      '{ url: "https://e/", audience: "urn:e", scope: "a  b" }',
      'scopes stand one space apart',
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

it.each([
  { audit: '{ retain: 90d }', warns: true },
  {
    audit: '{ retain: 90d, upload: { to: [{ url: "file:///srv/audit/" }] }, payloads: { results: digest } }',
    warns: false,
  },
  {
    audit: '{ upload: { to: [{ url: "file:///srv/audit/" }] }, payloads: { results: digest } }',
    warns: false,
  },
])('given $audit, warns that nothing is left of logs that were removed: $warns', async ({ audit, warns }) => {
  const { problems } = await parsePolicy(Buffer.from(`${HEAD}audit: ${audit}\n`), 'p.yaml', { signed: true })
  const says = problems.map((problem) => printProblem(problem))
  expect(says.some((text) => text.includes('are removed after 90d, and lie nowhere else'))).toBe(warns)
  expect(says).toHaveLength(Number(warns))
})

describe('audit.upload.required, wait and audit.spool', () => {
  const under = async (audit: string, signed: boolean) => {
    const text = `${HEAD}audit: ${audit.replace(/ \}$/u, ', payloads: { results: digest } }')}\n`
    const { policy, problems } = await parsePolicy(Buffer.from(text), 'p.yaml', { signed })
    const says = problems.map((problem) => printProblem(problem).split('\n')[0] ?? '')
    return { terms: policy?.uploadTerms ?? null, says }
  }
  const TO = 'to: [{ url: "file:///srv/audit/" }]'
  const BUCKET = 'to: [{ url: "s3://acme-audit/" }]'

  it('given all of them, has them; given none, denies nothing and waits for nothing', async () => {
    const all = `{ upload: { ${TO}, required: 5m, wait: 2s }, spool: { max: 1GiB, onFull: deny } }`
    expect(await under(all, true)).toEqual({
      terms: { requiredMs: 300_000, waitMs: 2000, spool: { maxBytes: 1024 ** 3, onFull: 'deny' } },
      says: [],
    })
    expect(await under(`{ upload: { ${TO} } }`, true)).toEqual({
      terms: { requiredMs: null, waitMs: 0, spool: null },
      says: [],
    })
  })

  it('given a time that is shorter than an upload may take, warns', async () => {
    expect((await under(`{ upload: { ${TO}, required: 29s } }`, true)).says).toEqual([
      'p.yaml:6:67: warning: calls may be denied though all is well: what is written is sent up to twenty seconds later',
    ])
    expect((await under(`{ upload: { ${TO}, required: 30s } }`, true)).says).toEqual([])
  })

  it.each([
    { audit: `{ upload: { ${BUCKET}, required: 5m } }`, denied: true },
    { audit: `{ upload: { ${BUCKET} }, spool: { max: 1GiB, onFull: deny } }`, denied: true },
    { audit: `{ upload: { ${BUCKET} }, spool: { max: 1GiB, onFull: warn } }`, denied: false },
    { audit: `{ upload: { ${TO}, required: 5m } }`, denied: false },
  ])(
    'given $audit in a policy that is not signed, warns that every call is denied: $denied',
    async ({ audit, denied }) => {
      const { says } = await under(audit, false)
      expect(says.some((line) => line.includes('every call is denied'))).toBe(denied)
      expect((await under(audit, true)).says).toEqual([])
    },
  )
})
