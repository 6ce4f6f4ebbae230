import { fileURLToPath } from 'node:url'
import { HoopctlError } from '../errors.ts'

/** Reads the URL of a team's place for approvals, so that it ends in `/`. Throws INPUT_INVALID for one that is none. */
export function storeBase(text: string): URL {
  if (!URL.canParse(text)) throw badStore('this is not the URL of an approval store')
  const url = new URL(text.endsWith('/') ? text : `${text}/`)
  if (url.username !== '' || url.password !== '')
    throw badStore('the URL of an approval store holds no credentials')
  if (url.search !== '' || url.hash !== '')
    throw badStore('the URL of an approval store has no `?` and no `#`')
  if (url.protocol === 's3:') refuseOddBucket(url)
  if (url.protocol === 'file:') directoryOf(url)
  return url
}

/** Gives the directory that a `file:` URL names. Throws INPUT_INVALID. */
export function directoryOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw badStore('a file:// URL has an absolute path and no host')
  }
}

/** Makes the error for a URL that names no approval store. */
export function badStore(message: string): HoopctlError {
  const hint = 'write s3://BUCKET/PREFIX, or file:///DIRECTORY'
  return new HoopctlError('INPUT_INVALID', message, { hint })
}

function refuseOddBucket({ host, pathname }: URL): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/u.test(host)) throw badStore('the URL names no S3 bucket')
  if (!/^\/(?:[A-Za-z0-9][A-Za-z0-9._-]*\/)*$/u.test(pathname)) {
    throw badStore('the path in the bucket has a part that is not letters, digits, `.`, `_` and `-`')
  }
}
