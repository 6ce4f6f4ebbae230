import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { assumeRoleWithIdToken } from '../../src/identity/assume-role.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { Secret } from '../../src/secret.ts'
import { loopbackHttp } from '../identity/http.ts'
import type { TestProvider } from '../identity/provider.ts'
import { signNonce } from '../identity/receipt.ts'
import type { Radosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'

/** Somebody who may do everything in the store for approvals, past all of our code. */
export interface StoreThief {
  list(prefix: string): Promise<readonly string[]>
  /** Waits until there is an object whose name holds a text; gives its name. */
  finds(prefix: string, text: string): Promise<string>
  read(name: string): Promise<string>
  /** Writes, also over what is there. */
  plant(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  close(): void
}

/** A bucket, and the role that people assume with their sign-ins to reach it. */
export async function bucketWithRole(
  store: Radosgw,
  { issuer }: TestProvider,
  bucket: string,
): Promise<string> {
  const { admin: credentials, endpoint, region } = store
  const owner = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  await owner.send(new CreateBucketCommand({ Bucket: bucket }))
  owner.destroy()
  return webIdentityRole(store, { issuer, clientId: 'hoopctl', bucket })
}

/** Somebody who has the role as well: what its people wrote, the bucket's owner cannot read. */
export async function storeThief(
  { endpoint, region }: Radosgw,
  provider: TestProvider,
  {
    role,
    bucket: Bucket,
    prefix,
  }: { readonly role: string; readonly bucket: string; readonly prefix: string },
): Promise<StoreThief> {
  const issuer = await discoverProvider(provider.issuer, loopbackHttp)
  const { accessKeyId, secretAccessKey, sessionToken } = await assumeRoleWithIdToken({
    role,
    idToken: new Secret(await signNonce(provider, issuer, 'any', { clientId: 'hoopctl' })),
    kind: 'human',
    region,
    endpoint: new URL(endpoint),
    policy: null,
    sessionName: 'thief',
    durationSeconds: 3600,
    http: loopbackHttp,
  })
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
  }
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const list = async (under: string) => {
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix + under }))
    return (listed.Contents ?? []).map(({ Key = '' }) => Key.slice(prefix.length))
  }
  return {
    list,
    finds: async (under, text) => {
      for (;;) {
        const found = (await list(under)).find((name) => name.includes(text))
        if (found !== undefined) return found
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    read: async (name) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: prefix + name }))
      return (await Body?.transformToString()) ?? ''
    },
    plant: async (name, text) => {
      await client.send(new PutObjectCommand({ Bucket, Key: prefix + name, Body: text }))
    },
    remove: async (name) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key: prefix + name }))
    },
    close: () => client.destroy(),
  }
}
