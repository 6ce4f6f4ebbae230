import type { HttpClient } from '../http.ts'
import { type ApprovalBucket, LISTED_AT_ONCE, type Listing } from './approval-bucket.ts'
import type { AwsSettings } from './aws-settings.ts'
import { isObjectName, refuseOddName, refuseOddPrefix } from './object-name.ts'
import { type OpenS3, s3Opener, s3Place } from './s3-client.ts'
import { s3Refusal, statusOf } from './s3-failure.ts'
import { s3Objects } from './s3-source.ts'
import type { CommandBounds } from './s3-transport.ts'

// A thousand names of 1024 bytes, each byte escaped, with what stands around them.
const LISTING: CommandBounds = { maxBytes: 8 * 1024 * 1024 }

/** Opens what is below `s3://BUCKET/PREFIX/` as a place for approvals. The AWS SDK is loaded with the first call. */
export function s3Bucket(base: URL, http: HttpClient, settings: AwsSettings): ApprovalBucket {
  const place: Place = { ...s3Place(base), open: s3Opener(http, settings) }
  const objects = s3Objects(base, place.open)
  return {
    put: (name, bytes) => put(place, name, bytes),
    list: (prefix, startAfter = '') => list(place, prefix, startAfter),
    async get(name, maxBytes) {
      const read = await objects.read(name, null, maxBytes)
      return read.status === 'read' ? read.bytes : null
    },
    remove: (name) => remove(place, name),
  }
}

interface Place {
  readonly bucket: string
  readonly prefix: string
  readonly open: () => Promise<OpenS3>
}

async function put(place: Place, name: string, bytes: Uint8Array): Promise<'written' | 'there-already'> {
  refuseOddName(name)
  const { client, sdk } = await place.open()
  const key = `${place.prefix}${name}`
  const object = { Bucket: place.bucket, Key: key, Body: bytes, ContentType: 'application/json' }
  try {
    await client.send(new sdk.PutObjectCommand({ ...object, IfNoneMatch: '*' }))
    return 'written'
  } catch (error) {
    if (statusOf(error) === 412) return 'there-already'
    throw s3Refusal(error, { bucket: place.bucket, key }, 'written')
  }
}

async function list(place: Place, prefix: string, startAfter: string): Promise<Listing> {
  refuseOddPrefix(prefix)
  const { client, sdk } = await place.open()
  const key = `${place.prefix}${prefix}`
  const after = startAfter === '' ? {} : { StartAfter: `${place.prefix}${startAfter}` }
  // Escaped, because a name may hold characters that no XML can: one such name would make the listing unreadable.
  const wanted = { Bucket: place.bucket, Prefix: key, MaxKeys: LISTED_AT_ONCE, EncodingType: 'url' } as const
  try {
    const command = new sdk.ListObjectsV2Command({ ...wanted, ...after })
    const { Contents = [], IsTruncated = false } = await client.send(command, LISTING)
    const all = Contents.map(({ Key = '', Size = 0 }) => ({ name: unescaped(Key), bytes: Size }))
      .filter(({ name }) => name.startsWith(key))
      .map(({ name, bytes }) => ({ name: name.slice(place.prefix.length), bytes }))
    const entries = all.filter(({ name }) => isObjectName(name))
    return { entries, next: IsTruncated ? (all.at(-1)?.name ?? null) : null }
  } catch (error) {
    throw s3Refusal(error, { bucket: place.bucket, key }, 'listed')
  }
}

async function remove(place: Place, name: string): Promise<'removed' | 'refused'> {
  refuseOddName(name)
  const { client, sdk } = await place.open()
  const key = `${place.prefix}${name}`
  try {
    await client.send(new sdk.DeleteObjectCommand({ Bucket: place.bucket, Key: key }))
    return 'removed'
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return 'removed'
    if (status === 403 || status === 405) return 'refused'
    throw s3Refusal(error, { bucket: place.bucket, key }, 'removed')
  }
}

// What S3 escapes it escapes as forms do, where a space is `+`.
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch {
    return ''
  }
}
