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

/** Says what it means that S3 gave no object; throws UNREACHABLE where that is nothing about the object. */
export function ifUnread(error: unknown, asked: Asked): ReadObject {
  if (error instanceof HoopctlError) throw error
  const status = statusOf(error)
  const name = error instanceof Error ? error.name : ''
  if (status === null) throw error
  if (status === 304 && asked.known) return { status: 'unchanged' }
  if (status === 404 && name !== 'NoSuchBucket') return { status: 'missing' }
  throw refusal(name, status, asked, error)
}

function refusal(name: string, status: number, { bucket, key }: Asked, error: unknown): HoopctlError {
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
  if (status === 403) {
    // Without the right to list, S3 answers 403 for what is missing too.
    const hint =
      'these credentials need s3:GetObject on it, and s3:ListBucket, so that what is missing can be told'
    return unreachable(`\`${where}\` may not be read (403)`, hint, error)
  }
  return unreachable(`S3 answered ${status} for \`${where}\``, 'try again later', error)
}

function statusOf(error: unknown): number | null {
  const metadata: unknown = error instanceof Error ? Reflect.get(error, '$metadata') : null
  if (typeof metadata !== 'object' || metadata === null) return null
  const status: unknown = Reflect.get(metadata, 'httpStatusCode')
  return typeof status === 'number' ? status : null
}
