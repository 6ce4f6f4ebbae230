import { HoopctlError } from '../../src/errors.ts'
import type { HttpClient } from '../../src/http.ts'

/** Speaks http to loopback and nothing else, as src/http.ts says: bounded in size and time, redirects are answers. */
export const loopbackHttp: HttpClient = async (url, { method, headers, body, timeoutMs, maxBytes }) => {
  const unreachable = (why: string, cause?: unknown) =>
    new HoopctlError('UNREACHABLE', `\`${url.origin}\` cannot be reached: ${why}`, {
      hint: 'try again',
      cause,
    })
  if (url.hostname !== '127.0.0.1') throw unreachable('not on loopback')
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = body === null ? null : Buffer.from(body)
    const response = await fetch(url, { method, headers, body: sent, redirect: 'manual', signal })
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > maxBytes) throw unreachable(`its answer has more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return { status: response.status, headers: new Map(response.headers), body: Buffer.concat(chunks) }
  } catch (cause) {
    if (cause instanceof HoopctlError) throw cause
    throw unreachable(cause instanceof Error ? cause.message : String(cause), cause)
  }
}
