import { HoopctlError } from '../../errors.ts'
import type { ConfirmedObject } from '../../records.ts'
import type { EvidencePlace, HeldObject } from '../evidence/evidence-place.ts'
import { recordIn } from '../log-record.ts'
import { uploadedIn } from '../uploaded-in.ts'
import { heldSegment } from './held-segment.ts'
import { segmentName } from './segment-key.ts'
import { type Position, type Segment, segmentsOf } from './segments.ts'

/** A place that evidence is sent to: nothing that is there is ever replaced. */
export interface Destination extends EvidencePlace {
  /** Writes an object where there is none of that name. Throws UNREACHABLE where nobody can say whether it is there now. */
  put(name: string, bytes: Uint8Array): Promise<'written' | 'there-already'>
}

/** What a destination was seen to hold. */
export interface Confirmation extends Pick<Segment, 'line' | 'lines' | 'start' | 'end' | 'sha256'> {
  readonly destination: string
  readonly session: string
  /** The object's name at the destination. */
  readonly key: string
  readonly etag: string | null
  readonly version: string | null
  readonly confirmed: Date
}

/** Where confirmations are noted. */
export interface UploadLedger {
  /** Gives where the segments end that a destination was seen to hold of a session, without a gap. */
  position(destination: string, session: string): Position
  confirm(confirmation: Confirmation): void
  /** Notes that a checkpoint which a destination holds tells of an object. */
  told(destination: string, key: string): void
}

/** A session's log, as it is uploaded. */
export interface UploadedLog {
  readonly session: string
  /** Where the file is. */
  readonly path: string
  /** What its objects are below (`sessionPrefix`). */
  readonly prefix: string
  /** Will nothing be written to it any more? */
  readonly isOver: boolean
}

/** What was uploaded of a log by one look. */
export interface Uploaded {
  /** What was written now. */
  readonly segments: number
  readonly bytes: number
  /** How many segments were there already, and were only read back. */
  readonly there: number
}

/**
 * Uploads what a destination does not hold yet of a log. A segment counts once its bytes were read back from there and are
 * those of the log: what a destination says of itself is not enough. Throws UNREACHABLE where that cannot be seen now, and
 * UPLOAD_CONFLICT where other bytes are there under its name, which are left as they are.
 * @param from the end of a segment; absent: as far as the destination was seen to hold it
 */
export async function uploadLog(
  log: UploadedLog,
  to: Destination,
  ledger: UploadLedger,
  now: () => Date,
  from: Position = ledger.position(to.url, log.session),
): Promise<Uploaded> {
  let [segments, bytes, there] = [0, 0, 0]
  for (const segment of segmentsOf(log.path, from, log.isOver)) {
    const key = `${log.prefix}${segmentName(segment.line)}`
    const put = await to.put(key, segment.bytes)
    const { etag, version } = await confirm(key, segment, to)
    const { bytes: held, ...about } = segment
    const where = { destination: to.url, session: log.session, key, etag, version }
    ledger.confirm({ ...about, ...where, confirmed: now() })
    for (const object of toldIn(held)) ledger.told(object.to, object.key)
    if (put === 'there-already') {
      there += 1
      continue
    }
    segments += 1
    bytes += held.length
  }
  return { segments, bytes, there }
}

// A segment that ends with a checkpoint has no other.
function toldIn(segment: Uint8Array): readonly ConfirmedObject[] {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.length)
  const last = bytes.subarray(bytes.lastIndexOf(0x0a, -2) + 1)
  if (last.length > LONGEST_CHECKPOINT) return []
  const record = recordIn(last)
  return record?.['kind'] === 'checkpoint' ? (uploadedIn(record) ?? []) : []
}

const LONGEST_CHECKPOINT = 256 * 1024

async function confirm(key: string, segment: Segment, to: Destination): Promise<HeldObject> {
  const held = await heldSegment(key, segment, to)
  if (held !== null) return held
  const hint = 'look at the destination: it takes what it does not keep, or lets nobody read it'
  const message = `\`${to.url}\` said that it took \`${key}\`, and does not have it`
  throw new HoopctlError('UNREACHABLE', message, { hint })
}
