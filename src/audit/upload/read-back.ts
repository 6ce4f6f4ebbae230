import { sha256 } from '../../digest.ts'
import { HoopctlError } from '../../errors.ts'
import { segmentName } from './segment-key.ts'
import { segmentsOf } from './segments.ts'
import type { Destination } from './upload-log.ts'

/** A log to which nothing is written any more. */
interface FinishedLog {
  readonly path: string
  /** What its objects are below (`sessionPrefix`). */
  readonly prefix: string
  readonly hasFooter: boolean
}

// What is longer than the segment is read as well, so that it is told as what it is: other bytes.
const MORE_BYTES = 8 * 1024 * 1024

/**
 * Reads all of a log back from a destination, and gives in how many segments it lies there. Throws UNREACHABLE where some
 * of it is not there or cannot be read now, and UPLOAD_CONFLICT where other bytes, or more than the log has, are there.
 */
export async function readBack(log: FinishedLog, from: Pick<Destination, 'url' | 'get'>): Promise<number> {
  let segments = 0
  let next = 0
  for (const { line, lines, bytes, sha256: digest } of segmentsOf(log.path, { line: 0, start: 0 }, true)) {
    const key = `${log.prefix}${segmentName(line)}`
    const there = await from.get(key, bytes.length + MORE_BYTES)
    if (there === null) throw absent(key, from.url)
    if (sha256(there.bytes) !== digest)
      throw conflict(`\`${key}\` at \`${from.url}\` holds other bytes than the log`)
    segments += 1
    next = line + lines
  }
  // A log that was cut where a segment ends looks like one that was killed there.
  if (!log.hasFooter) await refuseMore(`${log.prefix}${segmentName(next)}`, from)
  return segments
}

async function refuseMore(key: string, from: Pick<Destination, 'url' | 'get'>): Promise<void> {
  if ((await from.get(key, MORE_BYTES)) === null) return
  throw conflict(`\`${key}\` at \`${from.url}\` holds more of the session than the log`)
}

function absent(key: string, url: string): HoopctlError {
  const hint = 'send it again: hoopctl sessions upload --again'
  return new HoopctlError('UNREACHABLE', `\`${url}\` does not hold \`${key}\``, { hint })
}

function conflict(message: string): HoopctlError {
  const hint = 'keep both: what is there was not written from this log'
  return new HoopctlError('UPLOAD_CONFLICT', message, { hint })
}
