import type * as Sdk from '@aws-sdk/client-s3'
import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { AwsCredentials, AwsSettings } from './aws-settings.ts'
import { sdkTransport } from './s3-transport.ts'
import { unreachable } from './unreachable.ts'

/** A client that has a region and credentials, and the SDK with the commands that it takes. */
export interface OpenS3 {
  readonly client: Sdk.S3Client
  readonly sdk: typeof Sdk
}

/**
 * Makes what opens S3 with the first call, which loads the AWS SDK. Throws UNREACHABLE where no region or no credentials
 * are known.
 */
export function s3Opener(http: HttpClient, settings: AwsSettings): () => Promise<OpenS3> {
  let opened: Promise<OpenS3> | null = null
  return async () => {
    opened ??= openClient(http, settings)
    const { client, sdk } = await opened
    await refuseUnready(client)
    return { client, sdk }
  }
}

/** Says where an `s3://BUCKET/PREFIX/` URL points. */
export function s3Place({ host, pathname }: URL): { readonly bucket: string; readonly prefix: string } {
  return { bucket: host, prefix: pathname.replace(/^\//u, '') }
}

async function openClient(http: HttpClient, { endpoint, region, credentials }: AwsSettings): Promise<OpenS3> {
  const sdk = await import('@aws-sdk/client-s3')
  // Stores other than AWS often have no region, and no host name for each bucket.
  const elsewhere = endpoint === null ? {} : { endpoint, region: 'us-east-1', forcePathStyle: true }
  const client = new sdk.S3Client({
    ...elsewhere,
    ...(region === null ? {} : { region }),
    ...(credentials === null ? {} : { credentials: async () => identityOf(await credentials()) }),
    requestHandler: { ...sdkTransport(http) },
    maxAttempts: 1, // the transport repeats
    expectContinueHeader: false, // for bodies of 2 MiB and more, and our HTTP client refuses to send it
  })
  return { client, sdk }
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
async function refuseUnready({ config }: Sdk.S3Client): Promise<void> {
  await config.region().catch((error: unknown) => {
    throw unreachable('no AWS region is known', 'set AWS_REGION, or the region of the source', error)
  })
  await config.credentials().catch((error: unknown) => {
    if (error instanceof HoopctlError) throw error
    const hint = 'sign in at AWS (`aws sso login`), set AWS_PROFILE, or give the source a role'
    throw unreachable('no AWS credentials were found', hint, error)
  })
}
