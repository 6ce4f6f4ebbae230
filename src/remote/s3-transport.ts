import { Readable } from 'node:stream'
import type { HttpClient, HttpRequest } from '../http.ts'

/** A request as the AWS SDK hands it on when it is signed. */
export interface SignedRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** An answer as the AWS SDK reads it. */
export interface SdkAnswer {
  readonly response: {
    readonly statusCode: number
    readonly headers: Record<string, string>
    readonly body: Readable
  }
}

/** The bounds of one command; they are handed to `send` beside it. */
export interface CommandBounds {
  readonly maxBytes?: number
  readonly requestTimeout?: number
}

/** What the AWS SDK takes as `requestHandler`. */
export interface SdkTransport {
  readonly handle: (request: SignedRequest, bounds?: CommandBounds) => Promise<SdkAnswer>
}

const TIMEOUT_MS = 20_000
const RETRIES = 2
// For what the SDK asks by itself, such as STS for credentials.
const OWN_REQUESTS_MAX_BYTES = 1024 * 1024

/** Makes the AWS SDK send its requests with our client: through the same proxy, trusting the same CAs, with the same bounds. */
export function sdkTransport(http: HttpClient): SdkTransport {
  return {
    async handle(request, { maxBytes = OWN_REQUESTS_MAX_BYTES, requestTimeout = TIMEOUT_MS } = {}) {
      const answer = await http(urlOf(request), {
        method: methodOf(request.method),
        headers: request.headers,
        body: bodyOf(request.body),
        timeoutMs: requestTimeout,
        maxBytes,
        retries: RETRIES,
      })
      return {
        response: {
          statusCode: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: Readable.from([answer.body]),
        },
      }
    },
  }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SignedRequest): URL {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => (value === null ? escaped(name) : `${escaped(name)}=${escaped(value)}`)),
  )
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`
  return new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search}`)
}

// As it was signed: what RFC 3986 does not reserve stays, and nothing else.
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function methodOf(method: string): HttpRequest['method'] {
  if (method === 'GET' || method === 'POST' || method === 'PUT' || method === 'DELETE') return method
  throw new TypeError(`no request of ours is a ${method}`)
}

function bodyOf(body: unknown): Uint8Array | null {
  if (body === undefined || body === null || body === '') return null
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  throw new TypeError('requests of ours have their body in memory')
}
