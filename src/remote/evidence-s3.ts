import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { type EvidenceStore, isEvidenceName, refuseOddEvidence } from './evidence-store.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { s3Opener, s3Place } from './s3-client.ts'
import { ifUnread, s3Refusal, statusOf } from './s3-failure.ts'
import type { CommandBounds } from './s3-transport.ts'

/** Opens what is below `s3://BUCKET/PREFIX/` as a place for evidence. The AWS SDK is loaded with the first call. */
export function evidenceS3(base: URL, http: HttpClient, settings: AwsSettings): EvidenceStore {
  const { bucket, prefix } = s3Place(base)
  const open = s3Opener(http, settings)
  const placeOf = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` })
  return {
    async put(name, bytes) {
      refuseOddEvidence(name)
      const { client, sdk } = await open()
      const object = { ...placeOf(name), Body: bytes, ContentType: 'application/x-ndjson' }
      try {
        await client.send(new sdk.PutObjectCommand({ ...object, IfNoneMatch: '*' }))
        return 'written'
      } catch (error) {
        if (statusOf(error) === 412) return 'there-already'
        throw s3Refusal(error, { bucket, key: object.Key }, 'written')
      }
    },
    async get(name, maxBytes) {
      refuseOddEvidence(name)
      const { client, sdk } = await open()
      const place = placeOf(name)
      const bounds: CommandBounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES) }
      try {
        const { Body, ETag, VersionId } = await client.send(new sdk.GetObjectCommand(place), bounds)
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
        refuseLonger(bytes, maxBytes, new URL(name, base).href)
        return { bytes, etag: ETag ?? null, version: VersionId ?? null }
      } catch (error) {
        ifUnread(error, { bucket, key: place.Key, known: false })
        return null
      }
    },
    async *list(below) {
      if (below !== '') refuseOddEvidence(below.replace(/\/$/u, ''))
      const { client, sdk } = await open()
      const where = { Bucket: bucket, Prefix: `${prefix}${below}` }
      let ContinuationToken: string | undefined
      do {
        const page = new sdk.ListObjectsV2Command({
          ...where,
          ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        })
        const listed = await client.send(page, LISTING).catch((error: unknown) => {
          throw s3Refusal(error, { bucket, key: where.Prefix }, 'listed')
        })
        for (const { Key = '' } of listed.Contents ?? []) {
          const name = Key.slice(prefix.length)
          if (Key.startsWith(where.Prefix) && isEvidenceName(name)) yield name
        }
        ContinuationToken = listed.IsTruncated === true ? listed.NextContinuationToken : undefined
      } while (ContinuationToken !== undefined)
    },
  }
}

// A thousand names of 1024 bytes, each byte escaped, with what stands around them.
const LISTING: CommandBounds = { maxBytes: 8 * 1024 * 1024 }
