import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CentralFeed } from '../../../src/cli/central/central-feed.ts'
import { Secret } from '../../../src/secret.ts'
import { startProvider, WORKLOAD } from '../../identity/provider.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../../services/radosgw.ts'
import { webIdentityRole } from '../../services/web-identity-role.ts'
import { laptop } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const missing = whyNoRadosgw()
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const URL_OF_POLICY = 's3://policies/acme/acme.jws'

describe.skipIf(missing !== null)(`a policy from a bucket${missing === null ? '' : ` (${missing})`}`, () => {
  let store: Radosgw
  let owner: S3Client
  beforeAll(async () => {
    store = await startRadosgw()
    const { endpoint, region, admin } = store
    const { accessKeyId, secretAccessKey } = admin
    owner = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
    await owner.send(new CreateBucketCommand({ Bucket: 'policies' }))
    await put('trust/1.jws', trust)
  }, 120_000)
  afterAll(async () => {
    owner.destroy()
    await store[Symbol.asyncDispose]()
  })
  afterEach(() => vi.unstubAllEnvs())

  const put = (name: string, Body: Buffer) =>
    owner.send(new PutObjectCommand({ Bucket: 'policies', Key: `acme/${name}`, Body }))

  it('given keys in the environment, is added, and looked for anew with what was saved', async () => {
    await put('acme.jws', signed(policyText(), keys))
    vi.stubEnv('AWS_ACCESS_KEY_ID', store.admin.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', store.admin.secretAccessKey)
    await using person = await laptop({ AWS_ENDPOINT_URL: store.endpoint, AWS_REGION: store.region })
    const added = await person.hoopctl(['policy', 'add', URL_OF_POLICY, '--trust', pinOf(trust), '--yes'])
    expect(added).toMatchObject({ exitCode: 0 })
    const config = await readFile(join(person.home, 'config', 'config.yaml'), 'utf8')
    expect(config).toContain(`endpoint: "${store.endpoint}"`)
    expect(config).toContain(`region: "${store.region}"`)
    const { policy } = await person.wrap()
    if (policy.kind !== 'central') throw new Error(policy.kind)
    const feed = policy.feed as CentralFeed
    await put('acme.jws', signed(policyText({ version: 8 }), keys))
    await feed.refresh()
    expect(policy.feed.current()).toMatchObject({ policy: { version: 8 }, blocked: null })
    const before = policy.feed.current().policy
    await feed.refresh() // by its etag: not changed
    expect(policy.feed.current().policy).toBe(before)
    policy.close()
  })

  it('given a role and nobody signed in, has nothing yet, and says how to sign in', async () => {
    await using person = await laptop({ AWS_ENDPOINT_URL: store.endpoint })
    const role = ['--role', 'arn:aws:iam:::role/policy-reader']
    const added = await person.hoopctl([
      'policy',
      'add',
      URL_OF_POLICY,
      '--trust',
      pinOf(trust),
      ...role,
      '--yes',
    ])
    expect(added).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('hoopctl login') })
    person.lock = lockOf(store, person.home)
    expect((await person.wrap()).policy).toMatchObject({
      kind: 'none-yet',
      why: expect.stringContaining('hoopctl login'),
    })
  })

  it('given a role that trusts a workload, is added and read where nobody is signed in', async () => {
    await put('acme.jws', signed(policyText(), keys))
    await using provider = await startProvider({ certified: true })
    const named = { issuer: provider.issuer, clientId: WORKLOAD.audience }
    const role = await webIdentityRole(store, { ...named, bucket: 'policies' })
    await using person = await laptop({ AWS_ENDPOINT_URL: store.endpoint, AWS_REGION: store.region })
    person.clock = new Date()
    const secret = join(person.home, 'secret')
    await writeFile(secret, WORKLOAD.secret, { mode: 0o600 })
    const client = ['--issuer', provider.issuer, '--client-id', WORKLOAD.clientId, '--secret-file', secret]
    const added = ['policy', 'add', URL_OF_POLICY, '--trust', pinOf(trust), '--role', role, '--yes']
    expect(await person.hoopctl(added)).toMatchObject({ exitCode: 4 })
    expect(await person.hoopctl(['login', '--workload', 'client', ...client])).toMatchObject({ exitCode: 0 })
    expect(await person.hoopctl(added)).toMatchObject({ exitCode: 0 })
    const { policy } = await person.wrap()
    if (policy.kind !== 'central') throw new Error(JSON.stringify(policy))
    await (policy.feed as CentralFeed).refresh()
    expect(policy.feed.current()).toMatchObject({ blocked: null })
    expect(provider.grants.get('client_credentials')).toBeGreaterThan(0)
    policy.close()
  })

  it('given a role and somebody who assumes it, reads with its keys', async () => {
    await put('acme.jws', signed(policyText({ version: 9 }), keys))
    await using person = await laptop()
    person.lock = lockOf(store, person.home)
    const { accessKeyId, secretAccessKey } = store.admin
    const assume = vi.fn(async () => ({
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: null,
      expires: null,
    }))
    const { policy } = await person.wrap({}, { assume })
    if (policy.kind !== 'central') throw new Error(JSON.stringify(policy))
    expect(policy.policy.version).toBe(9)
    const asked = { arn: 'arn:aws:iam:::role/policy-reader', region: store.region, endpoint: store.endpoint }
    expect(assume).toHaveBeenCalledWith(asked)
    policy.close()
  })

  function lockOf({ region, endpoint }: Radosgw, home: string) {
    const role = 'arn:aws:iam:::role/policy-reader'
    const policy = { url: URL_OF_POLICY, trust: pinOf(trust), region, role, endpoint }
    return { path: '/etc/hoopctl/managed.yaml', policy, issuer: null, clientId: null, home }
  }
})
