import { HoopctlError } from '../errors.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from '../http.ts'
import type { Secret } from '../secret.ts'
import { etagOf } from './etag.ts'
import { type EvidenceStore, PROBE, probeName, RefusedEvidence, refuseOddEvidence } from './evidence-store.ts'
import { ERROR_PAGE_BYTES, refuseLonger } from './object-bounds.ts'
import { unreachable } from './unreachable.ts'

/** Gives the access token that was made for one place, and for no other; never the one that the place has just refused. */
export type BearerToken = (refused: Secret | null) => Promise<Secret>

// With all repetitions. A segment has 4 MiB, and the line may be slow.
const TIMEOUT_MS = 120_000
const RETRIES = 2

/** Opens what a web server takes by PUT below a URL (which ends in `/`), and gives back by GET, as a place for evidence. */
export function evidenceHttps(base: URL, http: HttpClient, bearer: BearerToken): EvidenceStore {
  const ask = askerBelow(base, http, bearer)
  const get: EvidenceStore['get'] = async (name, maxBytes) => {
    const headers = { accept: '*/*', 'cache-control': 'no-cache' } // what a cache has proves nothing
    const bounds = { maxBytes: Math.max(maxBytes, ERROR_PAGE_BYTES) }
    const { url, answer } = await ask(name, { method: 'GET', headers, body: null, ...bounds })
    if (answer.status === 404 || answer.status === 410) return null
    if (answer.status !== 200) throw notRead(url, answer)
    refuseLonger(answer.body, maxBytes, url.href)
    return { bytes: answer.body, etag: etagOf(answer), version: null }
  }
  return {
    async put(name, bytes) {
      const headers = { 'content-type': 'application/x-ndjson', 'if-none-match': '*' }
      const { url, answer } = await ask(name, {
        method: 'PUT',
        headers,
        body: bytes,
        maxBytes: ERROR_PAGE_BYTES,
      })
      if ([200, 201, 204].includes(answer.status)) return 'written'
      if (answer.status === 412) return 'there-already'
      throw notWritten(url, answer, bytes.length)
    },
    get,
    probe: () => probe(ask, get),
    list() {
      const hint =
        'compare logs of this laptop with it: hoopctl sessions verify --remote SESSION; or copy from there into a directory'
      throw new HoopctlError(
        'INPUT_INVALID',
        `\`${base.href}\` cannot be listed: https has no way to ask for names`,
        { hint },
      )
    },
  }
}

// Nothing of that name is there for `If-Match` to match, so the server must not do it. That it says so, and nothing else, tells
// that it would have done it without (RFC 9110, sections 13.1.1 and 13.2.1).
async function probe(ask: ReturnType<typeof askerBelow>, get: EvidenceStore['get']): Promise<string | null> {
  const name = probeName()
  await get(name, ERROR_PAGE_BYTES)
  const headers = { 'content-type': 'application/x-ndjson', 'if-match': '"none"', 'if-none-match': '*' }
  const { url, answer } = await ask(name, { method: 'PUT', headers, body: PROBE, maxBytes: ERROR_PAGE_BYTES })
  if (answer.status === 412) return null
  if ([200, 201, 204].includes(answer.status)) return name
  throw notWritten(url, answer, PROBE.length)
}

type Asked = Pick<HttpRequest, 'method' | 'headers' | 'body' | 'maxBytes'>

interface Answered {
  readonly url: URL
  readonly answer: HttpAnswer
}

function askerBelow(base: URL, http: HttpClient, bearer: BearerToken) {
  return async (name: string, asked: Asked): Promise<Answered> => {
    refuseOddEvidence(name)
    // A `%` is part of the name: `%2E.` as it stands would be read as `..`, and lead out of the place.
    const url = new URL(name.replaceAll('%', '%25'), base)
    const send = (token: Secret): Promise<HttpAnswer> =>
      http(url, {
        ...asked,
        headers: { ...asked.headers, authorization: `Bearer ${token.reveal()}` },
        timeoutMs: TIMEOUT_MS,
        retries: RETRIES,
      })
    const token = await bearer(null)
    const answer = await send(token)
    // It may have been taken back before its end.
    return { url, answer: answer.status === 401 ? await send(await bearer(token)) : answer }
  }
}

function notWritten(url: URL, answer: HttpAnswer, bytes: number): HoopctlError {
  const { status } = answer
  const what = `\`${url.host}\``
  if (status === 403) {
    return new RefusedEvidence(
      `\`${url.href}\` may not be written (403)`,
      'ask who runs it to let this subject write there',
    )
  }
  if (status === 413) {
    const hint =
      'ask who runs it for a higher limit: segments have 4 MiB, and more where one record is longer'
    return new RefusedEvidence(`${what} takes no object of ${bytes} bytes (413)`, hint)
  }
  if (status === 409) {
    const hint = 'it is tried again later; a WebDAV server must make missing folders by itself'
    return new RefusedEvidence(`${what} says that something is in the way of \`${url.pathname}\` (409)`, hint)
  }
  if ([404, 405, 410, 501].includes(status)) {
    const hint = 'check the URL in `audit.upload.to`: the server must take PUT there, below any folder'
    return unreachable(`${what} takes nothing at \`${url.pathname}\` (${status})`, hint)
  }
  return otherwise(url, answer)
}

function notRead(url: URL, answer: HttpAnswer): HoopctlError {
  if (answer.status !== 403) return otherwise(url, answer)
  const hint = 'ask who runs it to let this subject read there: only what was read back counts as sent'
  return new RefusedEvidence(`\`${url.href}\` may not be read (403)`, hint)
}

function otherwise(url: URL, { status, headers }: HttpAnswer): HoopctlError {
  const what = `\`${url.host}\``
  if (status === 401) {
    const hint = 'compare `audience` in the policy, and the issuer, with what the server expects of a token'
    return unreachable(`${what} refuses the access token, and a new one too (401)`, hint)
  }
  if (status >= 300 && status <= 399) {
    const message = `${what} answered ${status} for \`${url.pathname}\`: a redirect, which is not followed: the token is for this server`
    return unreachable(message, 'name the final address in `audit.upload.to`')
  }
  if (status === 429 || status >= 500) {
    const asked = /^\d{1,9}$/u.exec(headers.get('retry-after') ?? '')
    const later = asked === null ? '' : `, and asks to wait for ${asked[0]} s`
    return unreachable(
      `${what} cannot answer now (${status})${later}`,
      'nothing is lost: it is tried again later',
    )
  }
  return unreachable(
    `${what} answered ${status} for \`${url.pathname}\``,
    'try again later, or ask who runs it',
  )
}
