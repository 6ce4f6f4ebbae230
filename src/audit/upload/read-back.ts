import { HoopctlError } from '../../errors.ts'
import type { EvidencePlace } from '../evidence/evidence-place.ts'
import { conflict, heldSegment, MORE_BYTES } from './held-segment.ts'
import { segmentName } from './segment-key.ts'
import { segmentsOf } from './segments.ts'

/** A log to which nothing is written any more. */
interface FinishedLog {
  readonly path: string
  /** What its objects are below (`sessionPrefix`). */
  readonly prefix: string
  readonly hasFooter: boolean
}

/**
 * Reads all of a log back from a destination, and gives in how many segments it lies there. Throws UNREACHABLE where some
 * of it is not there or cannot be read now, and UPLOAD_CONFLICT where other bytes, or more than the log has, are there.
 */
export async function readBack(log: FinishedLog, from: EvidencePlace): Promise<number> {
  let segments = 0
  let next = 0
  for (const segment of segmentsOf(log.path, { line: 0, start: 0 }, true)) {
    const key = `${log.prefix}${segmentName(segment.line)}`
    if ((await heldSegment(key, segment, from)) === null) throw absent(key, from.url)
    segments += 1
    next = segment.line + segment.lines
  }
  // A log that was cut where a segment ends looks like one that was killed there.
  if (!log.hasFooter) await refuseMore(`${log.prefix}${segmentName(next)}`, from)
  return segments
}

async function refuseMore(key: string, from: EvidencePlace): Promise<void> {
  if ((await from.get(key, MORE_BYTES)) === null) return
  throw conflict(`\`${key}\` at \`${from.url}\` holds more of the session than the log`)
}

function absent(key: string, url: string): HoopctlError {
  const hint = 'send it again: hoopctl sessions upload --again'
  return new HoopctlError('UNREACHABLE', `\`${url}\` does not hold \`${key}\``, { hint })
}
