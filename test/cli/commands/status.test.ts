import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadDeviceKey } from '../../../src/audit/device-key.ts'
import { GRANTS, grantHolder, OS_USER } from '../grant-holder.ts'

const deviceOf = (home: string) => loadDeviceKey(join(home, 'state')).id

const IDENTITY = 'identity: { issuer: "https://id.example", clientId: hoopctl }\n'

it('given an unsigned policy, an active grant and a session that runs, shows them', async () => {
  await using holder = await grantHolder(GRANTS)
  await holder.activate('orders-write', { reason: 'INC-1' })
  const read = {
    name: 'orders-read',
    mode: 'session',
    started: holder.clock,
    expires: null,
    reason: null,
  } as const
  const policy = `file:${holder.home}/config/policy.yaml`
  const subject = { issuer: 'local', sub: OS_USER }
  const session = {
    session: 's1',
    pid: process.pid,
    server: 'orders',
    policy,
    started: holder.clock,
    subject,
  }
  await holder.shared(({ shims }) => shims.register({ ...session, grants: [read] }))
  expect(await holder.hoopctl(['status'])).toEqual({
    exitCode: 0,
    stdout: `who      ${OS_USER}, user of this machine
policy   try, unsigned (${holder.home}/config/policy.yaml)
active   orders-write on orders, 10m left
         orders-read on orders, until its session ends
waiting  no approval
running  orders, process ${process.pid}, since 2026-11-21 09:00:00Z, with orders-read
device   ${deviceOf(holder.home)}
`,
    stderr: '',
  })
  const json = JSON.parse((await holder.hoopctl(['status', '--json'])).stdout) as Record<string, unknown>
  expect(json).toEqual({
    subject: { issuer: 'local', sub: OS_USER, email: null, groups: [], kind: 'human' },
    policy: {
      name: 'try',
      version: null,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      signed: false,
      expires: null,
    },
    grants: [
      expect.objectContaining({ name: 'orders-write', state: 'active', expires: '2026-11-21T09:10:00.000Z' }),
      expect.objectContaining({ name: 'orders-read', state: 'active', expires: null }),
    ],
    shims: [
      {
        session: 's1',
        pid: process.pid,
        server: 'orders',
        started: '2026-11-21T09:00:00.000Z',
        subject,
        grants: ['orders-read'],
      },
    ],
    approvals: [],
    uploads: [],
    unusedUploads: [],
    denied: null,
    device: deviceOf(holder.home),
    problems: [],
  })
})

it('given nobody who is signed in, says so, and what helps', async () => {
  await using holder = await grantHolder(`${GRANTS}${IDENTITY}`)
  const { exitCode, stdout } = await holder.hoopctl(['status'])
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `who      nobody
policy   try, unsigned (${holder.home}/config/policy.yaml)
active   no grant
waiting  no approval
running  no session
device   ${deviceOf(holder.home)}
problem  nobody is signed in
         hint: run: hoopctl login
`,
  })
})

it('given no policy that can be read, says so', async () => {
  await using holder = await grantHolder('no: policy\n')
  const { exitCode, stdout } = await holder.hoopctl(['status', '--json'])
  expect({ exitCode, told: JSON.parse(stdout) }).toMatchObject({
    exitCode: 0,
    told: { subject: null, policy: null, grants: [], shims: [], problems: [{}] },
  })
})

it('given an unsigned policy that names a bucket, says that nothing is sent there, and that calls are denied for it', async () => {
  const audit = 'audit: { upload: { to: [{ url: "s3://acme/x/" }], required: 5m } }\n'
  await using holder = await grantHolder(`${GRANTS}${audit}`)
  const { stdout } = await holder.hoopctl(['status'])
  expect(stdout).toContain(`
uploads  s3://acme/x/: not used, nothing is sent there: this policy is not signed
         hint: sign it: hoopctl policy sign; an unsigned policy may name directories
calls    denied now by \`audit.upload\`: this policy is not signed, so none of its destinations is used, and what is recorded is never confirmed
         hint: sign it (hoopctl policy sign), or name a directory in \`audit.upload.to\`
running  no session
`)
  const json = JSON.parse((await holder.hoopctl(['status', '--json'])).stdout) as Record<string, unknown>
  expect(json).toMatchObject({
    uploads: [],
    unusedUploads: ['s3://acme/x/'],
    denied: { rules: ['audit.upload'], hint: expect.stringContaining('sign it') },
  })
})
