import type { S3Client } from '@aws-sdk/client-s3'
import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { AwsCredentials, AwsSettings } from './aws-settings.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { refuseOddName } from './object-name.ts'
import type { ObjectSource, ReadObject } from './object-source.ts'
import { ifUnread } from './s3-failure.ts'
import { type CommandBounds, sdkTransport } from './s3-transport.ts'
import { unreachable } from './unreachable.ts'

/** Opens what a bucket has below `s3://BUCKET/PREFIX/` as a source. The AWS SDK is loaded with the first read. */
export function s3Source(base: URL, http: HttpClient, settings: AwsSettings): ObjectSource {
  const bucket = base.host
  const prefix = base.pathname.replace(/^\//u, '')
  let client: Promise<S3Client> | null = null
  return {
    async read(name, known, maxBytes): Promise<ReadObject> {
      refuseOddName(name)
      client ??= openClient(http, settings)
      const { GetObjectCommand } = await import('@aws-sdk/client-s3')
      const opened = await client
      await refuseUnready(opened)
      const object = { Bucket: bucket, Key: `${prefix}${name}` }
      const unless = known === null ? {} : { IfNoneMatch: known.etag }
      const bounds: CommandBounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES) }
      try {
        const { Body, ETag } = await opened.send(new GetObjectCommand({ ...object, ...unless }), bounds)
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
        refuseLonger(bytes, maxBytes, new URL(name, base).href)
        return { status: 'read', bytes, etag: ETag ?? null }
      } catch (error) {
        return ifUnread(error, { bucket, key: object.Key, known: known !== null })
      }
    },
  }
}

async function openClient(
  http: HttpClient,
  { endpoint, region, credentials }: AwsSettings,
): Promise<S3Client> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3')
  // Stores other than AWS often have no region, and no host name for each bucket.
  const elsewhere = endpoint === null ? {} : { endpoint, region: 'us-east-1', forcePathStyle: true }
  return new Client({
    ...elsewhere,
    ...(region === null ? {} : { region }),
    ...(credentials === null ? {} : { credentials: async () => identityOf(await credentials()) }),
    requestHandler: { ...sdkTransport(http) },
    maxAttempts: 1, // the transport repeats
  })
}

function identityOf({ accessKeyId, secretAccessKey, sessionToken, expires }: AwsCredentials) {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === null ? {} : { sessionToken: sessionToken.reveal() }),
    ...(expires === null ? {} : { expiration: expires }),
  }
}

// The SDK tells these from other failures by its words only.
async function refuseUnready({ config }: S3Client): Promise<void> {
  await config.region().catch((error: unknown) => {
    throw unreachable('no AWS region is known', 'set AWS_REGION, or the region of the source', error)
  })
  await config.credentials().catch((error: unknown) => {
    if (error instanceof HoopctlError) throw error
    const hint = 'sign in at AWS (`aws sso login`), set AWS_PROFILE, or give the source a role'
    throw unreachable('no AWS credentials were found', hint, error)
  })
}
