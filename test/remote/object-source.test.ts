import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AwsSettings } from '../../src/remote/aws-settings.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import type { ObjectSource } from '../../src/remote/object-source.ts'
import { openSource } from '../../src/remote/open-source.ts'
import { Secret } from '../../src/secret.ts'
import { startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { startHttpsServer } from './https-server.ts'

/** A place, as its owner sees it. */
interface Place extends AsyncDisposable {
  readonly source: ObjectSource
  readonly put: (name: string, text: string) => Promise<void>
}

const BARE = { proxy: null, noProxy: null, caFile: null, systemCas: false } as const
const NO_AWS: AwsSettings = { endpoint: null, region: null, credentials: null }

async function directory(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'hoopctl-source-'))
  return {
    source: openSource(pathToFileURL(`${root}/`), { http: createHttpClient(BARE), aws: NO_AWS }),
    put: async (name, text) => {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), text)
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

async function webServer(): Promise<Place> {
  const objects = new Map<string, { text: string; etag: string }>()
  const server = await startHttpsServer((request, response) => {
    const found = objects.get(request.url)
    if (found === undefined) return void response.writeHead(404).end('not here')
    const status = request.headers['if-none-match'] === found.etag ? 304 : 200
    response.writeHead(status, { etag: found.etag }).end(status === 200 ? found.text : '')
  })
  const http = createHttpClient({ ...BARE, caFile: server.caFile })
  return {
    source: openSource(new URL('policies/', server.url), { http, aws: NO_AWS }),
    put: async (name, text) => {
      objects.set(`/policies/${name}`, { text, etag: `"${randomBytes(8).toString('hex')}"` })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function bucket(): Promise<Place> {
  const store = await startRadosgw()
  const { admin, endpoint, region } = store
  const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
  await owner.send(new CreateBucketCommand({ Bucket: 'policies' }))
  const credentials = async () => ({
    accessKeyId: admin.accessKeyId,
    secretAccessKey: new Secret(admin.secretAccessKey),
    sessionToken: null,
    expires: null,
  })
  const aws = { endpoint, region: null, credentials }
  return {
    source: openSource(new URL('s3://policies/acme/'), { http: createHttpClient(BARE), aws }),
    put: async (name, text) => {
      await owner.send(
        new PutObjectCommand({ Bucket: 'policies', Key: `acme/${name}`, Body: Buffer.from(text) }),
      )
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
  { kind: 'an https server', open: webServer, skip: null },
  { kind: 'an S3 bucket', open: bucket, skip: noStore },
]

describe.each(PLACES)('$kind as a source', ({ open, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'keeps the contract', () => {
    let place: Place

    beforeAll(async () => {
      place = await open()
    })
    afterAll(() => place[Symbol.asyncDispose]())

    it('given an object, reads it; given its etag, says that it is unchanged', async () => {
      await place.put('acme.jws', 'one')
      const first = await place.source.read('acme.jws', null, 1024)
      if (first.status !== 'read' || first.etag === null) throw new Error(`read: ${first.status}`)
      expect(Buffer.from(first.bytes).toString()).toBe('one')
      expect(await place.source.read('acme.jws', { etag: first.etag }, 1024)).toEqual({ status: 'unchanged' })
    })

    it('given the etag of what was there before, reads what is there now', async () => {
      await place.put('acme.jws', 'one')
      const first = await place.source.read('acme.jws', null, 1024)
      if (first.status !== 'read' || first.etag === null) throw new Error(`read: ${first.status}`)
      await place.put('acme.jws', 'two')
      const second = await place.source.read('acme.jws', { etag: first.etag }, 1024)
      if (second.status !== 'read') throw new Error(`read: ${second.status}`)
      expect(Buffer.from(second.bytes).toString()).toBe('two')
      expect(second.etag).not.toBe(first.etag)
    })

    it('given a name with a folder, reads what is in it', async () => {
      await place.put('trust/3.jws', 'three')
      expect(await place.source.read('trust/3.jws', null, 1024)).toMatchObject({ status: 'read' })
    })

    it.each(['none.jws', 'trust/99.jws'])('given %s, which is not there, says so', async (name) => {
      expect(await place.source.read(name, null, 1024)).toEqual({ status: 'missing' })
      expect(await place.source.read(name, { etag: '"0"' }, 1024)).toEqual({ status: 'missing' })
    })

    it('given as many bytes as are allowed, reads them; given one more, refuses', async () => {
      await place.put('long.jws', 'x'.repeat(2000))
      expect(await place.source.read('long.jws', null, 2000)).toMatchObject({ status: 'read' })
      await expect(place.source.read('long.jws', null, 1999)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    })

    it('given an empty object, reads no bytes', async () => {
      await place.put('empty.jws', '')
      const empty = await place.source.read('empty.jws', null, 10)
      if (empty.status !== 'read') throw new Error(`read: ${empty.status}`)
      expect(empty.bytes.length).toBe(0)
    })

    it.each([
      '../acme.jws',
      'trust/../../acme.jws',
      '/etc/passwd',
      'a//b',
      '',
      '.hidden',
      'a%2e%2e/b',
      'a\\b',
      'a?b',
      'a#b',
      'http://other.example/x',
      'trust/.',
      'a\u0000b',
    ])('given the name %j, which leads elsewhere, refuses to look', async (name) => {
      await expect(place.source.read(name, null, 1024)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    })
  })
})
