import { sha256 } from '../../digest.ts'
import { HoopctlError } from '../../errors.ts'
import { readLines } from '../log-lines.ts'

/** A part of a session's log, as it is uploaded: whole lines. */
export interface Segment {
  /** The number of its first line; the header's is 0. */
  readonly line: number
  /** How many lines it has; half a last one counts. */
  readonly lines: number
  /** Where it begins in the file, and where the next one does, in bytes. */
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
  /** Of the bytes, in lower-case hexadecimal. */
  readonly sha256: string
}

/** Where a segment begins. */
export type Position = Pick<Segment, 'line' | 'start'>

const ENOUGH_BYTES = 4 * 1024 * 1024

// As hoopctl writes them. In any other log no line ends a segment by its kind, and the size does.
const SIGNED = /^\{"seq":\d{1,15},"at":"[^"]{1,40}","kind":"(?:checkpoint|footer)",/u
const START_BYTES = 120

/**
 * Cuts a log into segments: each ends with a checkpoint or the footer, or with the line that takes it to 4 MiB. What is
 * cut depends on the log's bytes alone, so that whoever uploads it again, after a crash or elsewhere, gets the same.
 * @param from the end of a segment
 * @param isOver whether nothing is written any more: then what stands behind the last checkpoint is a segment too, also half a line
 */
export function* segmentsOf(
  path: string,
  from: Position,
  isOver: boolean,
): Generator<Segment, void, undefined> {
  let parts: Uint8Array[] = []
  let { line, start } = from
  let [lines, end] = [0, start]
  const cut = () => {
    const bytes = Buffer.concat(parts)
    const segment = { line, lines, start, end, bytes, sha256: sha256(bytes) }
    parts = []
    line += lines
    lines = 0
    start = end
    return segment
  }
  for (const { bytes, end: how } of readLines(path, from.start)) {
    if (how === 'long') throw tooLong(path)
    if (how === 'cut' && !isOver) return
    parts.push(bytes, how === 'whole' ? NEWLINE : NOTHING)
    lines += 1
    end += bytes.length + (how === 'whole' ? 1 : 0)
    if (end - start >= ENOUGH_BYTES || isSigned(bytes)) yield cut()
  }
  if (isOver && parts.length > 0) yield cut()
}

function tooLong(path: string): HoopctlError {
  const hint = 'look at it: hoopctl sessions verify'
  return new HoopctlError('LOG_BROKEN', `\`${path}\` has a line that is too long to be one of ours`, { hint })
}

const NEWLINE = Uint8Array.of(0x0a)
const NOTHING = new Uint8Array()

function isSigned(bytes: Uint8Array): boolean {
  return SIGNED.test(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, START_BYTES)).toString('latin1'),
  )
}
