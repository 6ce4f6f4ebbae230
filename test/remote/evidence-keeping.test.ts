import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidencePolicy } from '../../src/cli/upload/evidence-policy.ts'
import { assumeRoleWithIdToken } from '../../src/identity/assume-role.ts'
import type { HttpRequest } from '../../src/http.ts'
import { AS_BY_DEFAULT, type EvidenceKeeping } from '../../src/remote/evidence-keeping.ts'
import type { EvidenceStore } from '../../src/remote/evidence-store.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openEvidence } from '../../src/remote/open-evidence.ts'
import { Secret } from '../../src/secret.ts'
import { loopbackHttp } from '../identity/http.ts'
import { startProvider } from '../identity/provider.ts'
import { signedIn } from '../identity/signed-in.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'
import { BARE } from './requests.ts'

const noStore = whyNoRadosgw()
const http = createHttpClient(BARE)
const NAME = '2026-11-21/orders/alice/S/0000000000.jsonl'
const KEY = `hoopctl/${NAME}`
const ONE = new TextEncoder().encode('one\n')
const TWO = new TextEncoder().encode('two\n')
const DAY_MS = 86_400_000

const LOCK = { mode: 'compliance', until: () => new Date(Date.now() + DAY_MS) } as const
let tried = 0

/** What an object is kept with, as the bucket's owner sees it. */
interface Kept {
  readonly mode: string | undefined
  readonly until: Date | undefined
  readonly encryption: string | undefined
  readonly kmsKey: string | undefined
}

describe.skipIf(noStore !== null)(noStore ?? 'evidence in a bucket that keeps it', () => {
  let gateway: Radosgw
  let owner: S3Client
  beforeAll(async () => {
    gateway = await startRadosgw()
    const { endpoint, region, admin } = gateway
    owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
  })
  afterAll(async () => {
    owner.destroy()
    await gateway[Symbol.asyncDispose]()
  })

  const bucket = async (Bucket: string, locked = false) => {
    await owner.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: locked }))
    return Bucket
  }
  const store = (
    Bucket: string,
    keeping: Partial<EvidenceKeeping> = {},
    sent: HttpRequest[] = [],
  ): EvidenceStore => {
    const { accessKeyId, secretAccessKey } = gateway.admin
    const keys = {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: null,
      expires: null,
    }
    const aws = { endpoint: gateway.endpoint, region: null, credentials: async () => keys }
    const noted: typeof http = (url, request) => {
      sent.push(request)
      return http(url, request)
    }
    return openEvidence(`s3://${Bucket}/hoopctl/`, {
      http: noted,
      aws,
      keeping: { ...AS_BY_DEFAULT, ...keeping },
    })
  }
  const keptIn = async (Bucket: string): Promise<Kept> => {
    const found = await owner.send(new GetObjectCommand({ Bucket, Key: KEY }))
    const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = found
    return { mode, until, encryption: found.ServerSideEncryption, kmsKey: found.SSEKMSKeyId }
  }
  const versionsIn = async (Bucket: string) => {
    const { Versions = [] } = await owner.send(new ListObjectVersionsCommand({ Bucket, Prefix: KEY }))
    return Versions.map(({ VersionId }) => VersionId)
  }

  it('given a bucket that locks by default, writes with a checksum and reads the version back; nobody can remove it', async () => {
    const Bucket = await bucket('by-default', true)
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } } as const
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
    await owner.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
    const sent: HttpRequest[] = []
    const evidence = store(Bucket, {}, sent)
    expect(await evidence.put(NAME, ONE)).toBe('written')
    const put = sent.find(({ method }) => method === 'PUT')
    expect(put?.headers['x-amz-checksum-crc32']).toMatch(/^[A-Za-z0-9+/]{6}==$/u) // AWS wants one for locked objects
    const [version] = await versionsIn(Bucket)
    expect(await evidence.get(NAME, 100)).toEqual({
      bytes: ONE,
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/u),
      version,
    })
    expect(await keptIn(Bucket)).toMatchObject({ mode: 'COMPLIANCE' })
    await expect(
      owner.send(new DeleteObjectCommand({ Bucket, Key: KEY, ...(version && { VersionId: version }) })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })

  it.each([
    ['governance', 'GOVERNANCE'],
    ['compliance', 'COMPLIANCE'],
  ] as const)('given a lock (%s), sets it on what it writes, until the day it names', async (mode, MODE) => {
    const Bucket = await bucket(`lock-${mode}`, true)
    const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 365 * DAY_MS)
    expect(await store(Bucket, { lock: { mode, until: () => until } }).put(NAME, ONE)).toBe('written')
    expect(await keptIn(Bucket)).toMatchObject({ mode: MODE, until })
  })

  it.each([
    ['as it is by default', false, {}],
    ['with a default lock and one that is asked for', true, { lock: LOCK }],
    ['with a KMS key', false, { encryption: 'aws:kms', kmsKey: 'test-key' }],
  ] as const)(
    'given a bucket %s, a try leaves nothing in it, in no version',
    async (_given, locks, keeping) => {
      const Bucket = await bucket(`tried-${tried++}`, locks)
      if (locks) {
        const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } } as const
        const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
        await owner.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
      }
      expect(await store(Bucket, keeping).probe()).toBeNull()
      const { Versions, DeleteMarkers } = await owner.send(new ListObjectVersionsCommand({ Bucket }))
      expect({ Versions, DeleteMarkers }).toEqual({})
    },
  )

  it('given a lock and a bucket without, or none at all, a try says so', async () => {
    const Bucket = await bucket('untried')
    await expect(store(Bucket, { lock: LOCK }).probe()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      hint: '`lock` wants a bucket that was made with object lock',
    })
    await expect(store('nowhere').probe()).rejects.toMatchObject({
      message: 'there is no bucket `nowhere`',
    })
  })

  it('given a KMS key, has the object encrypted with it, and reads it back', async () => {
    const Bucket = await bucket('kms')
    const evidence = store(Bucket, { encryption: 'aws:kms', kmsKey: 'test-key' })
    await evidence.put(NAME, ONE)
    expect(await keptIn(Bucket)).toMatchObject({ encryption: 'aws:kms', kmsKey: 'test-key' })
    expect((await evidence.get(NAME, 100))?.bytes).toEqual(ONE)
  })

  it('given `AES256`, asks for it', async () => {
    const sent: HttpRequest[] = []
    await store(await bucket('aes'), { encryption: 'AES256' }, sent).put(NAME, ONE)
    const asked = sent.map(({ headers }) => headers['x-amz-server-side-encryption'])
    expect(asked).toEqual([undefined, 'AES256']) // looks, writes
  })

  it('given a bucket with versions, puts no second object over one that is there', async () => {
    const Bucket = await bucket('versions')
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await owner.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    const evidence = store(Bucket)
    expect([await evidence.put(NAME, ONE), await evidence.put(NAME, TWO)]).toEqual([
      'written',
      'there-already',
    ])
    const versions = await versionsIn(Bucket)
    expect(versions).toHaveLength(1)
    expect(await evidence.get(NAME, 100)).toMatchObject({ bytes: ONE, version: versions[0] })
  })

  it('given an empty object that somebody put there, leaves it', async () => {
    const Bucket = await bucket('empty')
    await owner.send(new PutObjectCommand({ Bucket, Key: KEY, Body: '' }))
    expect(await store(Bucket).put(NAME, ONE)).toBe('there-already')
  })

  it('given a bucket that refuses what is not encrypted, says what to set; with it, writes', async () => {
    const Bucket = await bucket('encrypted-only')
    const Condition = { Null: { 's3:x-amz-server-side-encryption': 'true' } }
    const Resource = `arn:aws:s3:::${Bucket}/*`
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource, Condition }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }))
    await expect(store(Bucket).put(NAME, ONE)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`s3://${Bucket}/${KEY}\` may not be written (403)`,
      hint: "these credentials need s3:PutObject on it; if the bucket's policy asks for it, set `encryption` or `lock` of this destination",
    })
    expect(await store(Bucket, { encryption: 'AES256' }).put(NAME, ONE)).toBe('written')
  })

  it('given a lock for a bucket without object lock, says what is missing', async () => {
    const Bucket = await bucket('no-lock')
    const lock = { mode: 'compliance', until: () => new Date(Date.now() + DAY_MS) } as const
    await expect(store(Bucket, { lock }).put(NAME, ONE)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `S3 does not write \`s3://${Bucket}/${KEY}\` in the way that it is asked to (400)`,
      hint: '`lock` wants a bucket that was made with object lock',
    })
  })

  it('given a role that is narrowed for a lock, writes a locked object', async () => {
    await using provider = await startProvider({ certified: true })
    const Bucket = await bucket('by-role', true)
    const { issuer } = provider
    const role = await webIdentityRole(gateway, { issuer, clientId: 'hoopctl', bucket: Bucket })
    const url = `s3://${Bucket}/hoopctl/`
    const forMs = 365 * DAY_MS
    const given = await assumeRoleWithIdToken({
      role,
      idToken: (await signedIn(provider, 'alice')).idToken,
      kind: 'human',
      region: gateway.region,
      endpoint: new URL(gateway.endpoint),
      policy: evidencePolicy(url, { encryption: null, kmsKey: null, lock: { mode: 'compliance', forMs } }),
      sessionName: 'alice',
      durationSeconds: 900,
      http: loopbackHttp,
    })
    const aws = { endpoint: gateway.endpoint, region: null, credentials: async () => given }
    const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + forMs)
    const keeping = { ...AS_BY_DEFAULT, lock: { mode: 'compliance', until: () => until } } as const
    const evidence = openEvidence(url, { http, aws, keeping })
    expect(await evidence.put(NAME, ONE)).toBe('written')
    const held = await evidence.get(NAME, 100)
    expect(held).toMatchObject({ bytes: ONE, version: (await versionsIn(Bucket))[0] })
  })
})
