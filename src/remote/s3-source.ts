import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { refuseOddName } from './object-name.ts'
import type { ObjectSource, ReadObject } from './object-source.ts'
import { type OpenS3, s3Opener, s3Place } from './s3-client.ts'
import { ifUnread } from './s3-failure.ts'
import type { CommandBounds } from './s3-transport.ts'

/** Opens what a bucket has below `s3://BUCKET/PREFIX/` as a source. The AWS SDK is loaded with the first read. */
export function s3Source(base: URL, http: HttpClient, settings: AwsSettings): ObjectSource {
  return s3Objects(base, s3Opener(http, settings))
}

/** Makes a source of a client that others use too. */
export function s3Objects(base: URL, open: () => Promise<OpenS3>): ObjectSource {
  const { bucket, prefix } = s3Place(base)
  return {
    async read(name, known, maxBytes): Promise<ReadObject> {
      refuseOddName(name)
      const { client, sdk } = await open()
      const object = { Bucket: bucket, Key: `${prefix}${name}` }
      const unless = known === null ? {} : { IfNoneMatch: known.etag }
      const bounds: CommandBounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES) }
      try {
        const { Body, ETag } = await client.send(new sdk.GetObjectCommand({ ...object, ...unless }), bounds)
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
        refuseLonger(bytes, maxBytes, new URL(name, base).href)
        return { status: 'read', bytes, etag: ETag ?? null }
      } catch (error) {
        return ifUnread(error, { bucket, key: object.Key, known: known !== null })
      }
    },
  }
}
