import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openApprovalBucket } from '../../src/remote/open-approval-bucket.ts'
import type { ApprovalBucket } from '../../src/remote/approval-bucket.ts'
import { Secret } from '../../src/secret.ts'
import { BARE } from '../remote/requests.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { codeBlocks, page } from './markdown.ts'

interface Statement {
  readonly Sid: string
  readonly Resource: string | readonly string[]
}

const missing = whyNoRadosgw()
const BUCKET = 'acme-approvals'
const PLACES = ['questions', 'answers', 'over'] as const
const NOBODY = { read: [], write: [] }

/** The rights of docs/administrators.md, as the page says to cut them. */
function statements(role: 'both' | 'asks' | 'answers'): readonly Statement[] {
  const [block] = codeBlocks(page('docs/administrators.md'), 'json').filter(({ text }) =>
    text.includes('"Sid": "Ask"'),
  )
  const { Statement: all } = JSON.parse(block?.text ?? '') as { Statement: Statement[] }
  if (role === 'both') return all
  const reads = role === 'asks' ? ['answers'] : ['questions', 'over']
  return all
    .filter(({ Sid }) => Sid !== (role === 'asks' ? 'Answer' : 'Ask'))
    .map((one) =>
      one.Sid === 'Read'
        ? { ...one, Resource: reads.map((place) => `arn:aws:s3:::${BUCKET}/team/${place}/*`) }
        : one,
    )
}

describe.skipIf(missing !== null)(missing ?? 'the rights at the approval store that the page gives', () => {
  let store: Radosgw
  let owner: S3Client
  let somebody: ApprovalBucket
  beforeAll(async () => {
    store = await startRadosgw()
    const { admin, plain, endpoint, region } = store
    owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: BUCKET }))
    const bucketOf = ({ accessKeyId, secretAccessKey }: Radosgw['admin']) => {
      const keys = {
        accessKeyId,
        secretAccessKey: new Secret(secretAccessKey),
        sessionToken: null,
        expires: null,
      }
      const aws = { endpoint, region, credentials: async () => keys }
      return openApprovalBucket(`s3://${BUCKET}/team/`, { http: createHttpClient(BARE), aws })
    }
    somebody = bucketOf(plain)
    for (const place of PLACES) await bucketOf(admin).put(`${place}/there.json`, Buffer.from('{}'))
  })
  afterAll(async () => {
    owner.destroy()
    await store[Symbol.asyncDispose]()
  })

  async function give(role: Parameters<typeof statements>[0]): Promise<void> {
    const Principal = { AWS: [store.plain.arn] }
    const Statement = statements(role).map((one) => ({ ...one, Principal }))
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await owner.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
  }

  async function rights(): Promise<{ readonly read: readonly string[]; readonly write: readonly string[] }> {
    const tried = async (work: (place: string) => Promise<unknown>) => {
      const able = await Promise.all(
        PLACES.map((place) =>
          work(place).then(
            () => [place],
            () => [],
          ),
        ),
      )
      return able.flat()
    }
    return {
      read: await tried((place) => somebody.get(`${place}/there.json`, 100)),
      write: await tried((place) => somebody.put(`${place}/there.json`, Buffer.from('{}'))),
    }
  }

  it('given none, lets nobody do anything', async () => {
    expect(await rights()).toEqual(NOBODY)
    await expect(somebody.list('questions/')).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it.each([
    ['both', { read: ['questions', 'answers', 'over'], write: ['questions', 'answers', 'over'] }],
    ['asks', { read: ['answers'], write: ['questions', 'over'] }],
    ['answers', { read: ['questions', 'over'], write: ['answers'] }],
  ] as const)('given those of who %s, lets them do that and no more', async (role, expected) => {
    await give(role)
    expect(await rights()).toEqual(expected)
    expect((await somebody.list('questions/')).entries.map(({ name }) => name)).toEqual([
      'questions/there.json',
    ])
    expect(await somebody.remove('questions/there.json')).toBe('refused')
  })
})
