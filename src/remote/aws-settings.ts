import type { Secret } from '../secret.ts'

/** Keys that sign requests to AWS, or to what speaks like it. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret | null
  readonly expires: Date | null
}

/** How an S3-compatible store is reached, where that is not left to the AWS SDK. */
export interface AwsSettings {
  /** Where it answers; null: AWS, or what the SDK's own files say. */
  readonly endpoint: string | null
  /** null: what AWS_REGION or the SDK's own files say. */
  readonly region: string | null
  /** null: the SDK's own chain (environment, files, the machine's role). */
  readonly credentials: (() => Promise<AwsCredentials>) | null
}

/** Reads where S3 answers, from the variables that the AWS SDK knows: clients do not pass them on, so it is saved too. */
export function awsEndpoint(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return null
  return env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || null
}
