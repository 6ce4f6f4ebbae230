import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import { s3Refusal, statusOf } from './s3-failure.ts'
import { unreachable } from './unreachable.ts'

/** How a bucket is asked to keep an object. In each part null: as it does by default. */
export interface EvidenceKeeping {
  readonly encryption: 'AES256' | 'aws:kms' | null
  /** An ARN, an id or an alias; only with `aws:kms`. */
  readonly kmsKey: string | null
  /** The object lock, and until when it holds for what is written now. */
  readonly lock: { readonly mode: 'governance' | 'compliance'; readonly until: () => Date } | null
}

/** Asks for nothing. */
export const AS_BY_DEFAULT: EvidenceKeeping = { encryption: null, kmsKey: null, lock: null }

const MODES = { governance: 'GOVERNANCE', compliance: 'COMPLIANCE' } as const

/** Says it in the words of S3, for an object that is written now. */
export function askedOf({ encryption, kmsKey, lock }: EvidenceKeeping): Partial<PutObjectCommandInput> {
  return {
    ...(encryption === null ? {} : { ServerSideEncryption: encryption }),
    ...(kmsKey === null ? {} : { SSEKMSKeyId: kmsKey }),
    ...(lock === null ? {} : { ObjectLockMode: MODES[lock.mode], ObjectLockRetainUntilDate: lock.until() }),
  }
}

/** Makes UNREACHABLE of what the SDK threw instead of writing, with a hint at what this destination is asked for. */
export function unwritten(
  error: unknown,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  keeping: EvidenceKeeping,
): Error {
  const status = statusOf(error)
  const where = `s3://${bucket}/${key}`
  if (status === 403) return unreachable(`\`${where}\` may not be written (403)`, rightsFor(keeping), error)
  const asked = keeping.lock !== null || keeping.encryption !== null
  if (status === 400 && asked) {
    const message = `S3 does not write \`${where}\` in the way that it is asked to (400)`
    return unreachable(message, wantedFor(keeping), error)
  }
  return s3Refusal(error, { bucket, key }, 'written')
}

function rightsFor({ encryption, kmsKey, lock }: EvidenceKeeping): string {
  const rights = ['s3:PutObject', ...(lock === null ? [] : ['s3:PutObjectRetention'])].join(' and ')
  const ofKey = kmsKey === null ? '' : ', and kms:GenerateDataKey and kms:Decrypt on the key'
  const unset = [...(encryption === null ? ['encryption'] : []), ...(lock === null ? ['lock'] : [])]
  const names = unset.map((name) => `\`${name}\``).join(' or ')
  const asks =
    unset.length === 0 ? '' : `; if the bucket's policy asks for it, set ${names} of this destination`
  return `these credentials need ${rights} on it${ofKey}${asks}`
}

function wantedFor({ encryption, lock }: EvidenceKeeping): string {
  const ofLock = lock === null ? [] : ['`lock` wants a bucket that was made with object lock']
  const ofKey = encryption === 'aws:kms' ? ['`encryption: aws:kms` wants a `kmsKey` that is there'] : []
  const wants = [...ofLock, ...ofKey].join('; ')
  return wants === '' ? 'leave `encryption` of this destination out if the store knows none' : wants
}
