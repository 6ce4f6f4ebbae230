import type { HttpClient } from '../http.ts'
import type { ApprovalBucket } from './approval-bucket.ts'
import { badStore, directoryOf, storeBase } from './approval-place.ts'
import type { AwsSettings } from './aws-settings.ts'
import { directoryBucket } from './directory-bucket.ts'
import { s3Bucket } from './s3-bucket.ts'

/** What a bucket may need of the world. */
export interface BucketOptions {
  readonly http: HttpClient
  readonly aws: AwsSettings
}

/**
 * Opens a team's place for approvals, `s3://BUCKET/PREFIX` or `file:///DIRECTORY`; nothing is read yet. Throws
 * INPUT_INVALID for URLs that name no such place.
 */
export function openApprovalBucket(url: string, { http, aws }: BucketOptions): ApprovalBucket {
  const base = storeBase(url)
  switch (base.protocol) {
    case 's3:':
      return s3Bucket(base, http, aws)
    case 'file:':
      return directoryBucket(directoryOf(base))
    default:
      throw badStore(`\`${base.protocol}//\` is no place that approvals are kept in`)
  }
}
