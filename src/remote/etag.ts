import type { HttpAnswer } from '../http.ts'

/** Reads the etag of an answer (RFC 9110, section 8.8.3), with its quotes; null: it has none that could be sent back. */
export function etagOf(answer: HttpAnswer): string | null {
  const etag = answer.headers.get('etag') ?? ''
  return /^(?:W\/)?"[\x21\x23-\x7e]{0,512}"$/u.test(etag) ? etag : null
}
