import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalBucket } from '../../src/remote/approval-bucket.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openApprovalBucket } from '../../src/remote/open-approval-bucket.ts'
import { Secret } from '../../src/secret.ts'
import { type Radosgw, type RadosgwUser, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { BARE } from './requests.ts'

/** A place for approvals, as its owner sees it. */
interface Place extends AsyncDisposable {
  readonly bucket: ApprovalBucket
  /** Writes past all of our code. */
  readonly plant: (name: string, text: string) => Promise<void>
}

const http = createHttpClient(BARE)
const NO_AWS = { endpoint: null, region: null, credentials: null }

async function directory(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'hoopctl-bucket-'))
  return {
    bucket: openApprovalBucket(pathToFileURL(join(root, 'team')).href, { http, aws: NO_AWS }),
    plant: async (name, text) => {
      await mkdir(join(root, 'team', name, '..'), { recursive: true })
      await writeFile(join(root, 'team', name), text)
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

function awsOf({ endpoint }: Radosgw, { accessKeyId, secretAccessKey }: RadosgwUser) {
  const keys = {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: null,
    expires: null,
  }
  return { endpoint, region: null, credentials: async () => keys }
}

async function s3(): Promise<Place & { readonly store: Radosgw }> {
  const store = await startRadosgw()
  const { admin, endpoint, region } = store
  const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
  await owner.send(new CreateBucketCommand({ Bucket: 'team' }))
  return {
    store,
    bucket: openApprovalBucket('s3://team/approvals', { http, aws: awsOf(store, admin) }),
    plant: async (name, text) => {
      await owner.send(new PutObjectCommand({ Bucket: 'team', Key: `approvals/${name}`, Body: text }))
    },
    [Symbol.asyncDispose]: async () => {
      owner.destroy()
      await store[Symbol.asyncDispose]()
    },
  }
}

const noStore = whyNoRadosgw()
const PLACES = [
  { kind: 'a directory', open: directory, skip: null },
  { kind: 'an S3 bucket', open: s3, skip: noStore },
]
const bytesOf = (text: string): Uint8Array => Buffer.from(text)
const textOf = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString()

describe.each(PLACES)('$kind as a place for approvals', ({ open, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'keeps the contract', () => {
    let place: Place
    let bucket: ApprovalBucket

    beforeAll(async () => {
      place = await open()
      bucket = place.bucket
    })
    afterAll(() => place[Symbol.asyncDispose]())

    it('given an object, writes it once; a second one of that name changes nothing', async () => {
      expect(await bucket.put('once/a.json', bytesOf('one'))).toBe('written')
      expect(await bucket.put('once/a.json', bytesOf('two'))).toBe('there-already')
      expect(textOf(await bucket.get('once/a.json', 100))).toBe('one')
    })

    it('given twenty who write one name at once, lets one of them', async () => {
      const all = Array.from({ length: 20 }, (_, i) => bucket.put('race/a.json', bytesOf(`by ${i}`)))
      const outcomes = await Promise.all(all)
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
      expect(textOf(await bucket.get('race/a.json', 100))).toBe(`by ${outcomes.indexOf('written')}`)
      expect((await bucket.list('race/')).entries).toHaveLength(1)
    })

    it('given nothing of that name, reads null and lists nothing', async () => {
      expect(await bucket.get('none/a.json', 100)).toBeNull()
      expect(await bucket.list('none/')).toEqual({ entries: [], next: null })
    })

    it('given an object longer than is wanted, refuses it; as long, reads it', async () => {
      await bucket.put('long/a.json', bytesOf('x'.repeat(2000)))
      await expect(bucket.get('long/a.json', 1999)).rejects.toMatchObject({ code: 'UNREACHABLE' })
      expect((await bucket.get('long/a.json', 2000))?.length).toBe(2000)
    })

    it('given objects, lists those below the prefix by their bytes, with their sizes, from a name on', async () => {
      const names = ['a/z.json', 'a.json', 'a/b/c.json', 'B.json', '10.json', 'a-b/x.json', '2.json']
      for (const name of names) await bucket.put(`sorted/${name}`, bytesOf(name))
      await bucket.put('sorted-not/a.json', bytesOf('elsewhere'))
      const sorted = ['10.json', '2.json', 'B.json', 'a-b/x.json', 'a.json', 'a/b/c.json', 'a/z.json']
      const entries = sorted.map((name) => ({ name: `sorted/${name}`, bytes: name.length }))
      expect(await bucket.list('sorted/')).toEqual({ entries, next: null })
      const later = { entries: entries.slice(4), next: null }
      expect(await bucket.list('sorted/', 'sorted/a-b/x.json')).toEqual(later)
      expect(await bucket.list('sorted/', 'sorted/a-c')).toEqual(later)
      expect(await bucket.list('sorted/', 'sorted/zz')).toEqual({ entries: [], next: null })
      expect((await bucket.list('sorted/a/')).entries).toEqual(entries.slice(5))
    })

    it('given more than a thousand, lists a thousand at once, and the others after them', async () => {
      const names = Array.from({ length: 1030 }, (_, i) => `many/${String(i).padStart(4, '0')}.json`)
      for (let at = 0; at < names.length; at += 103) {
        await Promise.all(names.slice(at, at + 103).map((name) => place.plant(name, 'x')))
      }
      const first = await bucket.list('many/')
      expect([first.entries.length, first.next]).toEqual([1000, 'many/0999.json'])
      const second = await bucket.list('many/', first.next ?? '')
      expect([...first.entries, ...second.entries].map(({ name }) => name)).toEqual(names)
      expect(second.next).toBeNull()
    })

    it('[ATK-APPROVAL-STORE] given names that are none of ours, lists the others', async () => {
      await place.plant('odd/.hidden', 'x')
      await place.plant('odd/\u0001\u001b[2J', 'x')
      await place.plant('odd/a b+c%2e&<', 'x')
      await place.plant('odd/%70lain.txt', 'x')
      await bucket.put('odd/plain.json', bytesOf('x'))
      expect(await bucket.list('odd/')).toEqual({
        entries: [{ name: 'odd/plain.json', bytes: 1 }],
        next: null,
      })
    })

    it('given an object, removes it; given none, says the same', async () => {
      await bucket.put('gone/a.json', bytesOf('x'))
      expect(await bucket.remove('gone/a.json')).toBe('removed')
      expect(await bucket.get('gone/a.json', 10)).toBeNull()
      expect(await bucket.remove('gone/a.json')).toBe('removed')
      expect(await bucket.put('gone/a.json', bytesOf('y'))).toBe('written')
    })

    it.each(['../a.json', 'a/../../b', '/etc/passwd', 'a//b', '', '.hidden', 'a?b'])(
      'given %j as a name, refuses it before anything is asked',
      async (name) => {
        const refused = { code: 'INPUT_INVALID' }
        await expect(bucket.put(name, bytesOf('x'))).rejects.toMatchObject(refused)
        await expect(bucket.get(name, 10)).rejects.toMatchObject(refused)
        await expect(bucket.remove(name)).rejects.toMatchObject(refused)
        await expect(bucket.list(`${name}/`)).rejects.toMatchObject(refused)
        await expect(bucket.list(name)).rejects.toMatchObject(refused)
      },
    )
  })
})

describe('a directory', () => {
  it('given links to elsewhere, follows none in a listing', async () => {
    const root = await mkdtemp(join(tmpdir(), 'hoopctl-bucket-'))
    await symlink('/etc', join(root, 'questions'))
    const bucket = openApprovalBucket(pathToFileURL(root).href, { http, aws: NO_AWS })
    await bucket.put('answers/a.json', bytesOf('x'))
    await symlink('/etc/passwd', join(root, 'answers', 'b.json'))
    expect((await bucket.list('answers/')).entries).toEqual([{ name: 'answers/a.json', bytes: 1 }])
    await rm(root, { recursive: true })
  })

  it('given a file in its place, says that it cannot be used', async () => {
    const root = await mkdtemp(join(tmpdir(), 'hoopctl-bucket-'))
    await writeFile(join(root, 'team'), '')
    const bucket = openApprovalBucket(pathToFileURL(join(root, 'team')).href, { http, aws: NO_AWS })
    const refused = { code: 'UNREACHABLE', hint: 'check the path, and who may read and write there' }
    await expect(bucket.put('a/b.json', bytesOf('x'))).rejects.toMatchObject(refused)
    await expect(bucket.list('a/')).rejects.toMatchObject(refused)
    await rm(root, { recursive: true })
  })
})

describe.skipIf(noStore !== null)(noStore ?? 'an S3 bucket, by somebody with fewer rights', () => {
  let place: Awaited<ReturnType<typeof s3>>
  beforeAll(async () => {
    place = await s3()
  })
  afterAll(() => place[Symbol.asyncDispose]())

  it('given no rights at all, says which each call needs; a removal is refused, no failure', async () => {
    const aws = awsOf(place.store, place.store.plain)
    const bucket = openApprovalBucket('s3://team/approvals/', { http, aws })
    await place.plant('a/b.json', 'x')
    const refused = (message: string, right: string) => ({
      code: 'UNREACHABLE',
      message,
      hint: expect.stringContaining(right),
    })
    await expect(bucket.put('a/c.json', bytesOf('x'))).rejects.toMatchObject(
      refused('`s3://team/approvals/a/c.json` may not be written (403)', 's3:PutObject'),
    )
    await expect(bucket.list('a/')).rejects.toMatchObject(
      refused('`s3://team/approvals/a/` may not be listed (403)', 's3:ListBucket'),
    )
    await expect(bucket.get('a/b.json', 10)).rejects.toMatchObject(
      refused('`s3://team/approvals/a/b.json` may not be read (403)', 's3:GetObject'),
    )
    expect(await bucket.remove('a/b.json')).toBe('refused')
    expect(textOf(await place.bucket.get('a/b.json', 10))).toBe('x')
  })

  it('given no such bucket, says so', async () => {
    const bucket = openApprovalBucket('s3://nowhere', { http, aws: awsOf(place.store, place.store.admin) })
    const refused = { code: 'UNREACHABLE', message: 'there is no bucket `nowhere`' }
    await expect(bucket.put('a/b.json', bytesOf('x'))).rejects.toMatchObject(refused)
    await expect(bucket.list('a/')).rejects.toMatchObject(refused)
  })
})

describe('the URL of an approval store', () => {
  it.each([
    ['s3://b', 'the URL names no S3 bucket'],
    ['s3://bucket:80/x', 'the URL names no S3 bucket'],
    ['s3://bucket/../x', null],
    ['s3://bucket/a//b', 'the path in the bucket has a part that is not letters, digits, `.`, `_` and `-`'],
    ['s3://me:secret@bucket/x', 'the URL of an approval store holds no credentials'],
    ['s3://bucket/x?y', 'the URL of an approval store has no `?` and no `#`'],
    ['https://host.example/x', '`https://` is no place that approvals are kept in'],
    ['file://host/x', 'a file:// URL has an absolute path and no host'],
    ['bucket/x', 'this is not the URL of an approval store'],
    ['s3://bucket', null],
    ['s3://bucket/team/approvals/', null],
    ['file:///srv/approvals', null],
  ])('given %s, says: %s', (url, message) => {
    const open = () => openApprovalBucket(url, { http, aws: NO_AWS })
    if (message === null) expect(open).not.toThrow()
    else expect(open).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', message }))
  })
})
