import type { HttpAnswer, HttpClient } from '../http.ts'
import { etagOf } from './etag.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { refuseOddName } from './object-name.ts'
import type { ObjectSource, ReadObject } from './object-source.ts'
import { unreachable } from './unreachable.ts'

const TIMEOUT_MS = 20_000
const RETRIES = 2

/** Opens what a web server has below a URL (which ends in `/`) as a source. */
export function httpsSource(base: URL, http: HttpClient): ObjectSource {
  return {
    async read(name, known, maxBytes): Promise<ReadObject> {
      refuseOddName(name)
      const url = new URL(name, base)
      const headers = {
        accept: '*/*',
        'cache-control': 'no-cache', // a cache on the way asks the server: a revoked policy must not live on in it
        ...(known === null ? {} : { 'if-none-match': known.etag }),
      }
      // A long page about nothing being there must not look like a long object.
      const bounds = {
        timeoutMs: TIMEOUT_MS,
        retries: RETRIES,
        maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES),
      }
      const answer = await http(url, { method: 'GET', headers, body: null, ...bounds })
      if (answer.status === 200) {
        refuseLonger(answer.body, maxBytes, url.href)
        return { status: 'read', bytes: answer.body, etag: etagOf(answer) }
      }
      if (answer.status === 304 && known !== null) return { status: 'unchanged' }
      if (answer.status === 404 || answer.status === 410) return { status: 'missing' }
      throw refused(url, answer)
    },
  }
}

function refused(url: URL, { status }: HttpAnswer): Error {
  const what = `\`${url.host}\` answered ${status} for \`${url.pathname}\``
  if (status >= 300 && status <= 399) {
    return unreachable(`${what}: a redirect, which is not followed`, 'name the final address in the URL')
  }
  if (status === 401 || status === 403) {
    return unreachable(what, 'policies are signed and not secret: serve them without a sign-in, or use s3://')
  }
  return unreachable(what, 'try again later, or ask who runs it')
}
