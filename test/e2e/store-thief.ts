import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Radosgw } from '../services/radosgw.ts'

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

/** Makes the bucket, and whoever owns it. */
export async function storeThief(store: Radosgw, Bucket: string, prefix: string): Promise<StoreThief> {
  const { admin: credentials, endpoint, region } = store
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket }))
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
