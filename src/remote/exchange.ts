import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { HttpAnswer, HttpRequest } from '../http.ts'
import { unreachable } from './unreachable.ts'

/**
 * Makes one request and reads its answer, up to `maxBytes`. Throws UNREACHABLE for an answer that is too long or encoded;
 * else what undici throws, and the signal's reason.
 */
export async function exchange(
  dispatcher: Dispatcher,
  url: URL,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { body, onSent } = request
  const told = body === null || onSent === undefined ? null : Readable.from(telling(body, onSent))
  const length = told === null ? {} : { 'content-length': String(body?.length) }
  const answer = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    // Not encoded: what a few kilobytes unfold to is known only when memory is full of it.
    headers: { ...lowerCased(request.headers), 'accept-encoding': 'identity', ...length },
    body: told ?? body,
    signal,
  })
  const headers = headersOf(answer.headers)
  try {
    refuseEncoded(url, headers.get('content-encoding'))
    return { status: answer.statusCode, headers, body: await readUpTo(request.maxBytes, answer.body, url) }
  } finally {
    // Ends the connection where the body was not read to its end; its complaint about that is no news.
    answer.body.on('error', () => undefined).destroy()
  }
}

// Nobody reads a body before there is a connection to write it to.
async function* telling(body: Uint8Array, onSent: () => void): AsyncGenerator<Uint8Array> {
  onSent()
  yield body
}

function refuseEncoded(url: URL, encoding: string | undefined): void {
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return
  const hint = 'ask who runs it to serve without compression where a request says `accept-encoding: identity`'
  throw unreachable(`\`${url.host}\` sent a compressed answer that was not asked for`, hint)
}

async function readUpTo(
  maxBytes: number,
  body: Dispatcher.ResponseData['body'],
  url: URL,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) {
      const message = `\`${url.host}\` sent more than ${maxBytes} bytes for \`${url.pathname}\``
      throw unreachable(message, 'check that the URL names what you mean')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function headersOf(received: Dispatcher.ResponseData['headers']): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined) headers.set(name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value)
  }
  return headers
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
