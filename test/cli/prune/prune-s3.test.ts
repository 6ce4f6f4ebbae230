import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pruneSessions } from '../../../src/cli/prune/prune-sessions.ts'
import { SessionUploader } from '../../../src/cli/upload/upload-sessions.ts'
import { parsePolicy } from '../../../src/policy/load.ts'
import { openSharedState } from '../../../src/state/shared-state.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../../services/radosgw.ts'
import { fakeContext } from '../fake-context.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

const noStore = whyNoRadosgw()

describe.skipIf(noStore !== null)(noStore ?? 'sessions prune, with a bucket as the destination', () => {
  let gateway: Radosgw
  let home: string
  beforeAll(async () => {
    gateway = await startRadosgw()
    home = await mkdtemp(join(tmpdir(), 'hoopctl-prune-'))
    vi.stubEnv('AWS_ACCESS_KEY_ID', gateway.admin.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', gateway.admin.secretAccessKey)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await gateway[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  it('given objects that are gone from it, keeps those logs, and removes the others', async () => {
    const { endpoint, region, admin } = gateway
    const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: 'audit' }))
    const stateDirectory = join(home, 'state')
    const POLICY = { name: 'acme', version: 1, digest: '0'.repeat(64), signed: true }
    const recorded = [1, 2, 3].map(() => recordSession({ stateDirectory, calls: CALLS, policy: POLICY }))
    const text = JSON.stringify({
      apiVersion: 'hoopctl/v1',
      kind: 'Policy',
      metadata: { name: 'acme', version: 1, expires: '2026-12-01T00:00:00Z' },
      identity: { issuer: 'https://login.acme.example', clientId: 'hoopctl' },
      rules: [{ allow: { tool: 'x' } }],
      audit: { retain: '1h', upload: { to: [{ url: 's3://audit/logs/', region, endpoint }] } },
    })
    const { policy, problems } = await parsePolicy(Buffer.from(text), 'p.yaml', { signed: true })
    if (policy === null) throw new Error(JSON.stringify(problems))
    const { context } = fakeContext({ env: { HOOPCTL_HOME: home } })
    const shared = openSharedState(stateDirectory, join(home, 'run'))
    const [at] = await new SessionUploader(policy, shared, context).upload({
      again: false,
      progress: () => undefined,
    })
    expect(at).toMatchObject({ waiting: 0, segments: 3, problem: null })
    const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: 'audit' }))
    const first = Contents.find(({ Key }) => Key?.includes(recorded[0]?.session ?? ''))
    await owner.send(new DeleteObjectCommand({ Bucket: 'audit', Key: first?.Key }))
    const order = { policy, before: new Date('2026-11-21T12:00:00Z'), dryRun: false }
    const { pruned, kept } = await pruneSessions(order, shared, context)
    const prefix = `2026-11-21/orders-db/alice/${recorded[1]?.session}/`
    expect(pruned).toMatchObject([
      { number: 2, copies: [{ destination: 's3://audit/logs/', prefix, segments: 1 }] },
    ])
    expect(kept.map(({ number, code }) => [number, code])).toEqual([
      [1, 'UNREACHABLE'],
      [3, null],
    ])
    expect(recorded.map(({ path }) => existsSync(path))).toEqual([true, false, true])
    shared.close()
    owner.destroy()
  })
})
