import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { PrunedCopy, PrunedNote } from '../pruned-note.ts'
import { segmentName } from '../upload/segment-key.ts'
import { type Comparison, linesIn, MOST_BYTES } from './compare-log.ts'
import type { EvidencePlace } from './evidence-place.ts'

/**
 * Reads back what a note says that a place held of a log when it was removed here: the same bytes, and nothing behind them.
 * Writes it into a file of this user. Throws UNREACHABLE, and what the file system throws.
 * @param path where what lies there is put together
 */
export async function readPrunedCopy(
  note: PrunedNote,
  { prefix, segments }: PrunedCopy,
  place: EvidencePlace,
  path: string,
): Promise<Comparison> {
  const read = createHash('sha256')
  let [objects, lines, bytes] = [0, 0, 0]
  const fd = openSync(path, 'w', 0o600)
  try {
    for (;;) {
      const held = await place.get(`${prefix}${segmentName(lines)}`, MOST_BYTES)
      if (held === null || held.bytes.length === 0) break
      objects += 1
      lines += linesIn(held.bytes)
      bytes += held.bytes.length
      read.update(held.bytes)
      for (let at = 0; at < held.bytes.length; ) at += writeSync(fd, held.bytes, at)
      if (bytes > note.bytes || objects > segments) break // whoever has it there could go on for ever
    }
  } finally {
    closeSync(fd)
  }
  const problem = difference(note, { bytes, sha256: read.digest('hex') })
  const state = problem === null ? 'whole' : 'differs'
  return { destination: place.url, state, objects, lines, problem }
}

function difference(
  note: PrunedNote,
  { bytes, sha256 }: Pick<PrunedNote, 'bytes' | 'sha256'>,
): string | null {
  const then = `when its log was pruned here on ${note.at}`
  if (bytes === 0) return `holds nothing of it any more, and held all of it ${then}`
  if (bytes < note.bytes)
    return `holds its first ${bytes} bytes of ${note.bytes} and not what follows, and held all of it ${then}`
  if (bytes > note.bytes) return `holds more of it than ${then}`
  return sha256 === note.sha256 ? null : `holds other bytes of it than ${then}`
}
