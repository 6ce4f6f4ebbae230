import { fileURLToPath } from 'node:url'
import { HoopctlError } from '../errors.ts'

// Apart from what opens such places: that loads the network, which a start does without.

/** Where a policy is, and the name that it must have. Trust documents are beside it, in `trust/`. */
export interface PolicyPlace {
  readonly base: URL
  readonly name: string
}

const POLICY_FILE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.jws$/u
const SCHEMES = new Set(['https:', 'http:', 's3:', 'file:'])

/** Splits `https://HOST/PATH/acme.jws` into the URL before `acme.jws`, and `acme`. Throws INPUT_INVALID for other URLs. */
export function sourceOf(policyUrl: string): PolicyPlace {
  if (!URL.canParse(policyUrl)) throw badUrl('this is not the URL of a policy')
  const url = new URL(policyUrl)
  if (!SCHEMES.has(url.protocol)) throw badUrl(`\`${url.protocol}//\` is no place that policies come from`)
  if (url.username !== '' || url.password !== '') throw badUrl('the URL of a policy holds no credentials')
  if (url.search !== '' || url.hash !== '') throw badUrl('the URL of a policy has no `?` and no `#`')
  if (url.protocol === 's3:') refuseOddBucket(url)
  if (url.protocol === 'file:') pathOf(url)
  const [, name] = POLICY_FILE.exec(url.pathname.slice(url.pathname.lastIndexOf('/') + 1)) ?? []
  if (name === undefined) throw badUrl('the URL of a policy ends in its name and `.jws`, such as `acme.jws`')
  return { base: new URL('.', url), name }
}

function refuseOddBucket({ host, pathname }: URL): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/u.test(host)) throw badUrl('the URL names no S3 bucket')
  if (!/^(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/u.test(pathname)) {
    throw badUrl('the path in the bucket has a part that is not letters, digits, `.`, `_` and `-`')
  }
}

/** Gives the path of a `file:` URL. Throws INPUT_INVALID. */
export function pathOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw badUrl('a file:// URL has an absolute path and no host', error)
  }
}

/** Makes the error for a URL that names no place of a policy. */
export function badUrl(message: string, cause?: unknown): HoopctlError {
  const hint = 'write https://HOST/PATH/NAME.jws, s3://BUCKET/PATH/NAME.jws or file:///PATH/NAME.jws'
  return new HoopctlError('INPUT_INVALID', message, { hint, cause })
}
