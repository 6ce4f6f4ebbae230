import { hash } from 'node:crypto'
import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { AS_BY_DEFAULT, askedOf, type EvidenceKeeping, unwritten } from './evidence-keeping.ts'
import {
  type EvidenceStore,
  isEvidenceName,
  PROBE,
  probeName,
  refuseOddEvidence,
  type StoredEvidence,
} from './evidence-store.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { type OpenS3, s3Opener, s3Place } from './s3-client.ts'
import { ifUnread, s3Refusal, statusOf } from './s3-failure.ts'
import type { CommandBounds } from './s3-transport.ts'

/** Opens what is below `s3://BUCKET/PREFIX/` as a place for evidence. The AWS SDK is loaded with the first call. */
export function evidenceS3(
  base: URL,
  http: HttpClient,
  settings: AwsSettings,
  keeping: EvidenceKeeping = AS_BY_DEFAULT,
): EvidenceStore {
  const place: Place = { ...s3Place(base), base, open: s3Opener(http, settings) }
  return {
    put: (name, bytes) => put(place, name, bytes, keeping),
    get: (name, maxBytes) => get(place, name, maxBytes),
    list: (below) => list(place, below),
    probe: () => probe(place, keeping),
  }
}

interface Place {
  readonly base: URL
  readonly bucket: string
  readonly prefix: string
  readonly open: () => Promise<OpenS3>
}

async function put(
  place: Place,
  name: string,
  bytes: Uint8Array,
  keeping: EvidenceKeeping,
): Promise<'written' | 'there-already'> {
  refuseOddEvidence(name)
  const { bucket, prefix } = place
  const { client, sdk } = await place.open()
  const key = `${prefix}${name}`
  if (await isThere(place, key, bytes.length)) return 'there-already'
  const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: 'application/x-ndjson' }
  try {
    const written = new sdk.PutObjectCommand({ ...object, ...askedOf(keeping), IfNoneMatch: '*' })
    await client.send(written, { requestTimeout: SEGMENT_MS })
    return 'written'
  } catch (error) {
    if (statusOf(error) === 412) return 'there-already'
    throw unwritten(error, { bucket, key }, keeping)
  }
}

// A locked object could not be removed again. So what is sent has a digest that is not its own: S3 looks who it is, what the
// bucket's policy says and whether it has object lock before it reads the bytes, and then keeps nothing (400, BadDigest).
async function probe(place: Place, keeping: EvidenceKeeping): Promise<string | null> {
  const name = probeName()
  await get(place, name, ERROR_PAGE_BYTES)
  const { bucket, prefix } = place
  const { client, sdk } = await place.open()
  const key = `${prefix}${name}`
  const object = {
    Bucket: bucket,
    Key: key,
    Body: PROBE,
    ContentType: 'application/x-ndjson',
    IfNoneMatch: '*',
  }
  try {
    await client.send(new sdk.PutObjectCommand({ ...object, ...askedOf(keeping), ContentMD5: OTHER_MD5 }))
    return name
  } catch (error) {
    if (error instanceof Error && error.name === 'BadDigest') return null
    throw unwritten(error, { bucket, key }, keeping)
  }
}

// Of no bytes at all.
const OTHER_MD5 = hash('md5', '', 'base64')

// Buckets with versions take a second object of a name on some stores, whatever `If-None-Match` says. One byte tells
// whether there is one, and no right is wanted that reading it back does not want too.
async function isThere(place: Place, key: string, bytes: number): Promise<boolean> {
  const { bucket } = place
  const { client, sdk } = await place.open()
  const bounds: CommandBounds = { maxBytes: bytes + ERROR_PAGE_BYTES } // where a store knows no ranges
  try {
    await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' }), bounds)
    return true
  } catch (error) {
    if (statusOf(error) === 416) return true // it is there, and empty
    ifUnread(error, { bucket, key, known: false })
    return false
  }
}

async function get(place: Place, name: string, maxBytes: number): Promise<StoredEvidence | null> {
  refuseOddEvidence(name)
  const { bucket, prefix, base } = place
  const { client, sdk } = await place.open()
  const key = `${prefix}${name}`
  const bounds: CommandBounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES), requestTimeout: SEGMENT_MS }
  try {
    const wanted = new sdk.GetObjectCommand({ Bucket: bucket, Key: key })
    const { Body, ETag, VersionId } = await client.send(wanted, bounds)
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
    refuseLonger(bytes, maxBytes, new URL(name, base).href)
    return { bytes, etag: ETag ?? null, version: VersionId ?? null }
  } catch (error) {
    ifUnread(error, { bucket, key, known: false })
    return null
  }
}

async function* list(place: Place, below: string): AsyncGenerator<string, void, undefined> {
  if (below !== '') refuseOddEvidence(below.replace(/\/$/u, ''))
  const { bucket, prefix } = place
  const { client, sdk } = await place.open()
  const where = { Bucket: bucket, Prefix: `${prefix}${below}` }
  let next: string | undefined
  do {
    const from = next === undefined ? {} : { ContinuationToken: next }
    const page = new sdk.ListObjectsV2Command({ ...where, ...from })
    const listed = await client.send(page, LISTING).catch((error: unknown) => {
      throw s3Refusal(error, { bucket, key: where.Prefix }, 'listed')
    })
    for (const { Key = '' } of listed.Contents ?? []) {
      const name = Key.slice(prefix.length)
      if (Key.startsWith(where.Prefix) && isEvidenceName(name)) yield name
    }
    next = listed.IsTruncated === true ? listed.NextContinuationToken : undefined
  } while (next !== undefined)
}

// A segment of a few megabytes, on a slow line.
const SEGMENT_MS = 120_000

// A thousand names of 1024 bytes, each byte escaped, with what stands around them.
const LISTING: CommandBounds = { maxBytes: 8 * 1024 * 1024 }
