/** One request to another host, with its bounds. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** The whole exchange must end within so many milliseconds. */
  readonly timeoutMs: number
  /** A longer answer is an error. */
  readonly maxBytes: number
  /** How often a request that could not be made, or was answered by 429 or 5xx, is made again. */
  readonly retries: number
  /** Ends it early, with its repetitions. */
  readonly signal?: AbortSignal
  /** Called once the other side is there and is sent the body: from then on it may have been read, whether an answer comes or not. */
  readonly onSent?: () => void
}

/** An answer, whatever its status. Redirects are never followed: a 3xx is an answer. */
export interface HttpAnswer {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/**
 * Sends a request as the person's network wants it (proxies, CAs): https, or http to loopback only. Throws UNREACHABLE
 * where no answer came, or one that is too long or too late.
 */
export type HttpClient = (url: URL, request: HttpRequest) => Promise<HttpAnswer>
