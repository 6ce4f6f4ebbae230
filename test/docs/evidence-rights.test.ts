import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AS_BY_DEFAULT } from '../../src/remote/evidence-keeping.ts'
import type { EvidenceStore } from '../../src/remote/evidence-store.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openEvidence } from '../../src/remote/open-evidence.ts'
import { Secret } from '../../src/secret.ts'
import { BARE } from '../remote/requests.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { codeBlocks, page } from './markdown.ts'

interface Statement {
  readonly Sid: string
  readonly Condition?: unknown
}

const missing = whyNoRadosgw()
const BUCKET = 'acme-audit'
const NAME = 'there/0000000000.jsonl'
const BYTES = Buffer.from('{}\n')

/** The rights of docs/administrators.md that have a statement of this name. */
function statementsWith(sid: string): readonly Statement[] {
  const blocks = codeBlocks(page('docs/administrators.md'), 'json')
  const block = blocks.find(({ text }) => text.includes(`"Sid": "${sid}"`))
  return (JSON.parse(block?.text ?? '') as { Statement: Statement[] }).Statement
}

describe.skipIf(missing !== null)(missing ?? 'the rights at the evidence that the page gives', () => {
  let store: Radosgw
  let owner: S3Client
  beforeAll(async () => {
    store = await startRadosgw()
    const { admin, endpoint, region } = store
    owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }))
    await evidence(store.admin, 'hoopctl').put(NAME, BYTES)
    await evidence(store.admin, 'other').put(NAME, BYTES)
  })
  afterAll(async () => {
    owner.destroy()
    await store[Symbol.asyncDispose]()
  })

  function evidence({ accessKeyId, secretAccessKey }: Radosgw['admin'], prefix: string): EvidenceStore {
    const { endpoint, region } = store
    const secret = { secretAccessKey: new Secret(secretAccessKey), sessionToken: null, expires: null }
    const aws = { endpoint, region, credentials: async () => ({ accessKeyId, ...secret }) }
    const lock = { mode: 'governance', until: () => new Date(Date.now() + 60_000) } as const
    const keeping = { ...AS_BY_DEFAULT, lock }
    return openEvidence(`s3://${BUCKET}/${prefix}/`, { http: createHttpClient(BARE), aws, keeping })
  }

  // Keys of KMS are given by another policy than a bucket's. This store tells nobody that an object is missing who may list a
  // prefix only: the page says what to do then.
  async function give(sid: string): Promise<void> {
    const Principal = { AWS: [store.plain.arn] }
    const statements = statementsWith(sid).filter((one) => one.Sid !== 'Key')
    const Statement = statements.map(({ Condition, ...one }) => {
      return { ...one, Principal, ...(one.Sid !== 'Missing' && Condition !== undefined && { Condition }) }
    })
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await owner.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
  }

  /** What somebody who was given them can do below a prefix. */
  async function able(prefix: string) {
    const somebody = evidence(store.plain, prefix)
    const tried: Readonly<Record<string, () => Promise<unknown>>> = {
      read: async () => somebody.get(NAME, 100),
      miss: async () => somebody.get('none.jsonl', 100),
      list: async () => somebody.list('')[Symbol.asyncIterator]().next(),
      write: async () => somebody.put(`new/${Math.random()}.jsonl`, BYTES),
      try: async () => somebody.probe(),
    }
    const can: string[] = []
    for (const [what, work] of Object.entries(tried)) {
      await work().then(
        () => can.push(what),
        () => undefined,
      )
    }
    return can
  }

  it('given none, lets nobody do anything', async () => {
    expect(await able('hoopctl')).toEqual([])
  })

  it('given those of the role, lets laptops read, write and try below the prefix alone, and be told what is missing', async () => {
    await give('Segments')
    expect(await able('hoopctl')).toEqual(['read', 'miss', 'list', 'write', 'try'])
    expect(await able('other')).toEqual(['miss', 'list'])
  })

  it('given those of the auditor, lets them read and list below the prefix alone', async () => {
    await give('ReadEvidence')
    expect((await able('hoopctl')).filter((what) => what !== 'miss')).toEqual(['read', 'list'])
    expect(await able('other')).toEqual([])
  })
})
