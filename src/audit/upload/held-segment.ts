import { sha256 } from '../../digest.ts'
import { HoopctlError } from '../../errors.ts'
import type { EvidencePlace, HeldObject } from '../evidence/evidence-place.ts'
import type { Segment } from './segments.ts'

/** What is longer than a segment is read as well, so that it is told as what it is: other bytes. */
export const MORE_BYTES = 8 * 1024 * 1024

/**
 * Reads back what a place holds under the name of a segment; null: nothing. Throws UPLOAD_CONFLICT where it holds other bytes,
 * and UNREACHABLE where it cannot be read now.
 */
export async function heldSegment(
  key: string,
  { bytes, sha256: digest }: Pick<Segment, 'bytes' | 'sha256'>,
  from: EvidencePlace,
): Promise<HeldObject | null> {
  const held = await from.get(key, bytes.length + MORE_BYTES)
  if (held === null || sha256(held.bytes) === digest) return held
  throw conflict(`\`${key}\` at \`${from.url}\` holds other bytes than the log`)
}

/** Makes the UPLOAD_CONFLICT error: what lies there is no copy of the log. */
export function conflict(message: string): HoopctlError {
  const hint =
    'keep both: what is there was not written from this log; nothing of this session is deleted here'
  return new HoopctlError('UPLOAD_CONFLICT', message, { hint })
}
