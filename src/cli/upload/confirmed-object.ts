import type { ConfirmedObject } from '../../records.ts'
import type { ConfirmedSegment } from '../../state/uploads.ts'

/** Tells a segment that was confirmed as a checkpoint does. */
export function confirmedObject(segment: ConfirmedSegment): ConfirmedObject {
  const { session, destination: to, key, start, end, sha256, etag, version, confirmed } = segment
  return { session, to, key, bytes: end - start, sha256, etag, version, at: confirmed.toISOString() }
}
