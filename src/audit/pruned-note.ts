import { isUtf8 } from 'node:buffer'
import { hash, type KeyObject, verify } from 'node:crypto'
import { join } from 'node:path'
import { parsed } from '../parsed.ts'
import { exactly, type Is, listOf, matching, text, whole } from '../shape.ts'
import { codeOf } from '../system-code.ts'
import { deviceKeyOf } from '../terminal-proof.ts'
import type { DeviceKey } from './device-key.ts'
import { readLines } from './log-lines.ts'
import { lineStart } from './record-line.ts'
import { NO_DIGEST } from './session-number.ts'

// Sessions are numbered without a gap. One whose log was pruned leaves a note, signed by the device that numbers them,
// so that its number does not look like one that somebody took away. The notes are one file, in lines like a log's.

/** Where a copy of a log was read back from before it was removed. */
export interface PrunedCopy {
  /** The destination's URL. */
  readonly destination: string
  /** What its segments are below, and how many there are. */
  readonly prefix: string
  readonly segments: number
}

/** What a note tells of a log that was removed. */
export interface PrunedLog {
  readonly number: number
  readonly session: string
  /** `previous` of its header, and the digest of its header. */
  readonly previous: string
  readonly header: string
  /** The instant of its last record. */
  readonly last: string
  /** The size and SHA-256 of all of it. */
  readonly bytes: number
  readonly sha256: string
  /** Empty: the policy names no destination. */
  readonly copies: readonly PrunedCopy[]
}

/** A note, as it stands in the file. */
export interface PrunedNote extends PrunedLog {
  /** When it was written: just before the log was removed. */
  readonly at: string
  /** The device key that signed it. */
  readonly device: string
}

/** The notes of a directory, as far as they hold. */
export interface PrunedNotes {
  readonly notes: readonly PrunedNote[]
  /** What is wrong with the first line that does not hold; neither it nor what follows counts. */
  readonly problem: string | null
  /** Where the next note goes: its `seq` and `prev`, and the bytes before it. */
  readonly end: NotesEnd
}

/** The end of the notes that hold. */
export interface NotesEnd {
  readonly seq: number
  readonly prev: string
  readonly bytes: number
}

/** The name of the file with the notes, in the directory of the logs. */
export const PRUNED = 'pruned.jsonl'

const FORMAT = 'hoopctl-pruned/1'
const KIND = 'pruned'

/** Gives the address below which a copy's segments lay: what `sessions show` and `verify` take. */
export function copyUrl({ destination, prefix }: PrunedCopy): string {
  return `${destination.replace(/\/$/u, '')}/${prefix}`
}

/** Writes a note's line, without its newline. */
export function prunedLine({ seq, prev }: NotesEnd, at: string, log: PrunedLog, device: DeviceKey): string {
  const { number, session, previous, header, last, bytes, sha256 } = log
  const copies = log.copies.map(({ destination, prefix, segments }) => ({ destination, prefix, segments }))
  const facts = { format: FORMAT, device: device.id, number, session, previous, header, last, bytes, sha256 }
  const start = `${lineStart(seq, at, KIND, prev)},${JSON.stringify({ ...facts, copies }).slice(1, -1)}`
  return `${start},"signature":"${device.sign(Buffer.from(start)).toString('base64url')}"}`
}

/**
 * Reads the notes of a directory, in their order: each in its place and form, and signed by the device that it names.
 * Whether that device is to be believed is not asked. Half a last line is none. Throws what the file system throws.
 */
export function readPrunedNotes(directory: string): PrunedNotes {
  const reading = new NotesReading()
  try {
    for (const { bytes, end } of readLines(join(directory, PRUNED))) {
      if (end === 'cut') break // of a process that was killed while it wrote: it had not removed anything yet
      const problem = end === 'long' ? 'is longer than any that hoopctl writes' : reading.take(bytes)
      if (problem !== null) return reading.result(`${PRUNED}: line ${reading.end.seq + 1} ${problem}`)
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // nothing was pruned yet
  }
  return reading.result(null)
}

type Line = PrunedLog & {
  readonly seq: number
  readonly at: string
  readonly kind: string
  readonly prev: string
  readonly format: string
  readonly device: string
  readonly signature: string
}

const isInstant = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u)
const isDigest = matching(/^[0-9a-f]{64}$/u)
const isCount = whole(0, Number.MAX_SAFE_INTEGER)
const LONGEST_URL = 4096
const MOST_COPIES = 1000

const isLine: Is<Line> = exactly<Line>({
  seq: isCount,
  at: isInstant,
  kind: matching(new RegExp(`^${KIND}$`, 'u')),
  prev: isDigest,
  format: matching(new RegExp(`^${FORMAT}$`, 'u')),
  device: text(LONGEST_URL),
  number: whole(1, Number.MAX_SAFE_INTEGER),
  session: matching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/u),
  previous: isDigest,
  header: isDigest,
  last: isInstant,
  bytes: isCount,
  sha256: isDigest,
  copies: listOf(
    exactly<PrunedCopy>({ destination: text(LONGEST_URL), prefix: text(LONGEST_URL), segments: isCount }),
    MOST_COPIES,
  ),
  signature: matching(/^[\w-]{86}$/u),
})

const MEMBERS =
  'seq,at,kind,prev,format,device,number,session,previous,header,last,bytes,sha256,copies,signature'

/** How far the lines of a file hold. */
class NotesReading {
  end: NotesEnd = { seq: 0, prev: NO_DIGEST, bytes: 0 }
  readonly #notes: PrunedNote[] = []
  readonly #headers = new Map<number, string>()
  readonly #keys = new Map<string, KeyObject | null>()

  /** Takes the next line; gives what is wrong with it, or null. */
  take(bytes: Uint8Array): string | null {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
    const line = parsed(source)
    if (
      !isUtf8(bytes) ||
      !isLine(line) ||
      Object.keys(line).join() !== MEMBERS ||
      JSON.stringify(line) !== source
    )
      return 'is no note of a session that was pruned'
    if (line.seq !== this.end.seq || line.prev !== this.end.prev)
      return 'does not follow on the line before: lines are missing, altered or in another order'
    if (!this.#isSigned(source, line)) return 'has a signature that does not hold'
    if ((this.#headers.get(line.number) ?? line.header) !== line.header)
      return `notes session ${line.number} a second time, as another`
    const { seq: _, kind: __, prev: ___, format: ____, signature: _____, ...note } = line
    this.#headers.set(line.number, line.header)
    this.#notes.push(note)
    const after = this.end.bytes + bytes.length + 1
    this.end = { seq: this.end.seq + 1, prev: hash('sha256', bytes), bytes: after }
    return null
  }

  result(problem: string | null): PrunedNotes {
    return { notes: this.#notes, problem, end: this.end }
  }

  #isSigned(source: string, { device, signature }: Line): boolean {
    const known = this.#keys.get(device)
    const key = known === undefined ? deviceKeyOf(device) : known
    this.#keys.set(device, key)
    const bytes = Buffer.from(signature, 'base64url')
    // 86 characters hold four bits more than 64 bytes: another last character must not pass for the same signature.
    if (key === null || bytes.toString('base64url') !== signature) return false
    return verify(null, Buffer.from(source.slice(0, source.lastIndexOf(',"signature":'))), key, bytes)
  }
}
