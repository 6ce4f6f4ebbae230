import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { s3Source } from '../../src/remote/s3-source.ts'
import { Secret } from '../../src/secret.ts'
import { type Radosgw, type RadosgwUser, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { type Authority, makeAuthority } from './authority.ts'
import { startForwardProxy } from './forward-proxy.ts'
import { BARE } from './requests.ts'

const missing = whyNoRadosgw()
const BASE = new URL('s3://policies/acme/')

describe.skipIf(missing !== null)(missing ?? 'a real store', () => {
  let authority: Authority
  let store: Radosgw

  beforeAll(async () => {
    authority = await makeAuthority()
    store = await startRadosgw({ tls: await authority.issue(['IP:192.0.2.1', 'DNS:localhost']) })
    const { admin: credentials, endpoint, region } = store
    const owner = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: 'policies' }))
    await owner.send(new PutObjectCommand({ Bucket: 'policies', Key: 'acme/acme.jws', Body: 'policy' }))
    owner.destroy()
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await authority[Symbol.asyncDispose]()
  })

  const as = ({ accessKeyId, secretAccessKey }: RadosgwUser) => ({
    region: null,
    credentials: async () => ({
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: null,
      expires: null,
    }),
  })

  it('given a company CA and a proxy that alone finds the store, reads through it', async () => {
    const hosts = { '192.0.2.1:443': Number(new URL(store.tlsEndpoint ?? '').port) }
    await using proxy = await startForwardProxy({ hosts })
    const settings = { ...BARE, proxy: `http://127.0.0.1:${proxy.port}`, caFile: authority.caFile }
    const aws = { ...as(store.admin), endpoint: 'https://192.0.2.1' }
    const source = s3Source(BASE, createHttpClient(settings), aws)
    expect(await source.read('acme.jws', null, 100)).toMatchObject({ status: 'read' })
    expect(await source.read('none.jws', null, 1000)).toEqual({ status: 'missing' })
    expect(proxy.asked[0]).toEqual({ authority: '192.0.2.1:443', authorization: null })
  })

  it('given a store whose CA nobody knows, refuses it', async () => {
    const endpoint = `https://localhost:${new URL(store.tlsEndpoint ?? '').port}`
    const source = s3Source(BASE, createHttpClient(BARE), { ...as(store.admin), endpoint })
    await expect(source.read('acme.jws', null, 100)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it.each([
    { given: 'somebody who may not read it', user: () => store.plain },
    { given: 'a wrong key', user: () => ({ ...store.admin, secretAccessKey: 'wrong' }) },
  ])('given $given, says which rights are needed', async ({ user }) => {
    const aws = { ...as(user()), endpoint: store.endpoint }
    await expect(
      s3Source(BASE, createHttpClient(BARE), aws).read('acme.jws', null, 1000),
    ).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: '`s3://policies/acme/acme.jws` may not be read (403)',
      hint: expect.stringContaining('s3:GetObject'),
    })
  })

  it('given no such bucket, says so; a name is never missing for that', async () => {
    const aws = { ...as(store.admin), endpoint: store.endpoint }
    const source = s3Source(new URL('s3://other-bucket/'), createHttpClient(BARE), aws)
    await expect(source.read('acme.jws', null, 1000)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'there is no bucket `other-bucket`',
    })
  })
})
