import type { HttpAnswer, HttpClient } from '../http.ts'
import { HoopctlError } from '../errors.ts'
import { parseStrictJson } from '../strict-json.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** An answer longer than this is no answer: key sets and token answers have a few kilobytes. */
export const MAX_ANSWER_BYTES = 256 * 1024

/** How long a provider may take for one answer. */
export const ANSWER_TIMEOUT_MS = 15_000

/**
 * Refuses answers that no request to a provider may have: redirects (a token would follow them), failures of the server.
 * Throws SIGN_IN_FAILED or UNREACHABLE.
 * @param what which part of the provider answered, for people
 */
export function checkStatus(answer: HttpAnswer, what: string): void {
  const { status } = answer
  if (status >= 300 && status < 400) {
    throw signInFailed(`${what} answers with a redirect (${status}), which is never followed`, ASK_OPERATOR)
  }
  if (status === 429 || status >= 500) {
    const hint = 'try again; if it stays so, ask whoever runs the provider'
    throw new HoopctlError('UNREACHABLE', `${what} cannot answer now (${status})`, { hint })
  }
  if (status < 200) throw signInFailed(`${what} answers with status ${status}`, ASK_OPERATOR)
}

/** Reads an answer's JSON object, in which no key may stand twice. Throws SIGN_IN_FAILED. */
export function readJson(answer: HttpAnswer, what: string): Readonly<Record<string, unknown>> {
  const type = answer.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i.test(type)) {
    throw signInFailed(`${what} answers with something other than JSON`, ASK_OPERATOR)
  }
  const parsed = parseStrictJson(answer.body, { fold: false })
  if (!parsed.ok) throw signInFailed(`${what} answers with JSON that is refused: ${parsed.why}`, ASK_OPERATOR)
  if (!isObject(parsed.value)) throw signInFailed(`${what} answers with no JSON object`, ASK_OPERATOR)
  return parsed.value
}

/** Tells whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fetches a public document of a provider. Throws SIGN_IN_FAILED or UNREACHABLE. */
export async function fetchJson(
  url: URL,
  http: HttpClient,
  what: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await http(url, {
    method: 'GET',
    headers: { accept: 'application/json' },
    body: null,
    timeoutMs: ANSWER_TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    retries: 2,
  })
  checkStatus(answer, what)
  if (answer.status !== 200) throw signInFailed(`${what} answers with status ${answer.status}`, ASK_OPERATOR)
  return readJson(answer, what)
}
