import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import {
  type EvidenceStore,
  isEvidenceName,
  refuseOddEvidence,
  type StoredEvidence,
} from './evidence-store.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { type OpenS3, s3Opener, s3Place } from './s3-client.ts'
import { ifUnread, s3Refusal, statusOf } from './s3-failure.ts'
import type { CommandBounds } from './s3-transport.ts'

/** Opens what is below `s3://BUCKET/PREFIX/` as a place for evidence. The AWS SDK is loaded with the first call. */
export function evidenceS3(base: URL, http: HttpClient, settings: AwsSettings): EvidenceStore {
  const place: Place = { ...s3Place(base), base, open: s3Opener(http, settings) }
  return {
    put: (name, bytes) => put(place, name, bytes),
    get: (name, maxBytes) => get(place, name, maxBytes),
    list: (below) => list(place, below),
  }
}

interface Place {
  readonly base: URL
  readonly bucket: string
  readonly prefix: string
  readonly open: () => Promise<OpenS3>
}

async function put(place: Place, name: string, bytes: Uint8Array): Promise<'written' | 'there-already'> {
  refuseOddEvidence(name)
  const { bucket, prefix } = place
  const { client, sdk } = await place.open()
  const key = `${prefix}${name}`
  const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: 'application/x-ndjson' }
  try {
    await client.send(new sdk.PutObjectCommand({ ...object, IfNoneMatch: '*' }))
    return 'written'
  } catch (error) {
    if (statusOf(error) === 412) return 'there-already'
    throw s3Refusal(error, { bucket, key }, 'written')
  }
}

async function get(place: Place, name: string, maxBytes: number): Promise<StoredEvidence | null> {
  refuseOddEvidence(name)
  const { bucket, prefix, base } = place
  const { client, sdk } = await place.open()
  const key = `${prefix}${name}`
  const bounds: CommandBounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES) }
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

// A thousand names of 1024 bytes, each byte escaped, with what stands around them.
const LISTING: CommandBounds = { maxBytes: 8 * 1024 * 1024 }
