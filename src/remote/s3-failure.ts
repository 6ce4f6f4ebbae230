import { HoopctlError } from '../errors.ts'
import type { ReadObject } from './object-source.ts'
import { unreachable } from './unreachable.ts'

/** What was asked for when S3 did not answer with an object. */
export interface Asked {
  readonly bucket: string
  readonly key: string
  /** Whether it was asked for unless it has a known etag. */
  readonly known: boolean
}

/** What was to be done, and the right that it takes. */
const NEEDED = {
  // Without the right to list, S3 answers 403 for what is missing too.
  read: 'these credentials need s3:GetObject on it, and s3:ListBucket, so that what is missing can be told',
  written: 'these credentials need s3:PutObject on it',
  listed: 'these credentials need s3:ListBucket on the bucket',
  removed: 'these credentials need s3:DeleteObject on it',
} as const

/** Says what it means that S3 gave no object; throws UNREACHABLE where that is nothing about the object. */
export function ifUnread(error: unknown, asked: Asked): ReadObject {
  const status = statusOf(error)
  const name = error instanceof Error ? error.name : ''
  if (status === 304 && asked.known) return { status: 'unchanged' }
  if (status === 404 && name !== 'NoSuchBucket') return { status: 'missing' }
  throw s3Refusal(error, asked, 'read')
}

/** Makes UNREACHABLE of what the SDK threw; what is no answer of S3 stays what it is. */
export function s3Refusal(
  error: unknown,
  { bucket, key }: Pick<Asked, 'bucket' | 'key'>,
  done: keyof typeof NEEDED,
): Error {
  if (!(error instanceof Error)) return new TypeError('what was thrown is no error', { cause: error })
  const status = statusOf(error)
  if (error instanceof HoopctlError || status === null) return error
  const { name } = error
  const where = `s3://${bucket}/${key}`
  if (status === 404)
    return unreachable(`there is no bucket \`${bucket}\``, 'check the URL, and the endpoint')
  if ([301, 302, 307, 308].includes(status) || name === 'AuthorizationHeaderMalformed') {
    return unreachable(
      `the bucket \`${bucket}\` is in another region`,
      'set AWS_REGION, or the region of the source',
    )
  }
  if (name === 'RequestTimeTooSkewed') {
    return unreachable(`S3 refused \`${where}\`: this clock is wrong`, 'set the clock', error)
  }
  if (status === 403) return unreachable(`\`${where}\` may not be ${done} (403)`, NEEDED[done], error)
  return unreachable(`S3 answered ${status} for \`${where}\``, 'try again later', error)
}

/** Tells the HTTP status of an answer that the SDK threw; null: it is none. */
export function statusOf(error: unknown): number | null {
  const metadata: unknown = error instanceof Error ? Reflect.get(error, '$metadata') : null
  if (typeof metadata !== 'object' || metadata === null) return null
  const status: unknown = Reflect.get(metadata, 'httpStatusCode')
  return typeof status === 'number' ? status : null
}
