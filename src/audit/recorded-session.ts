import { closeSync, fstatSync } from 'node:fs'
import { valueAt } from '../json-spans.ts'
import { parsed } from '../parsed.ts'
import { LineReader, type LogLine } from './log-lines.ts'
import { isRecord, type LogRecord, recordAsWritten, recordIn } from './log-record.ts'
import { openRegular } from './open-regular.ts'
import { readAt } from './read-at.ts'
import { CONTEXT, ReplayEntries } from './replay-entries.ts'
import { jsonHolds } from './search-log.ts'
import type { TimelineLine } from './timeline-line.ts'
import { toldAt } from './timeline.ts'

// What a log tells of one record; a longer text is there in the record itself.
const MOST_LINES = 40
const MOST_CHARACTERS = 1000
const KEPT = 2000

/** Where a text stands: where the timeline shows it, or inside of the record. */
export type Where = 'told' | 'inside'

const SEARCHED = [
  ['facts'],
  ['head'],
  ['params'],
  ['message', 'params'],
  ['message', 'result'],
  ['message', 'error'],
]

/**
 * Reads a session's log to be looked at from place to place, also while it grows: it keeps where the records stand, and
 * reads each one again when it is shown. Throws what the file system throws.
 */
export class RecordedSession {
  readonly entries = new ReplayEntries()
  readonly #fd: number
  readonly #reader: LineReader
  readonly #told = new Map<number, readonly TimelineLine[]>()
  #lines: Generator<LogLine, void, undefined> | null = null
  #isStuck = false
  #read = 0

  constructor(path: string) {
    this.#fd = openRegular(path)
    this.#reader = new LineReader(path)
  }

  /** How much of the file was read by now: a part of 1. */
  get progress(): number {
    return Math.min(1, this.#read / Math.max(1, fstatSync(this.#fd).size))
  }

  /** Reads on until `isEnough`, which is asked behind each line. Tells whether it came to the end of what is there. */
  readOn(isEnough: () => boolean): boolean {
    if (this.#isStuck) return true
    this.#lines ??= this.#reader.whole()
    do {
      const next = this.#lines.next()
      if (next.done === true) {
        this.#lines = null // the next time, the file may have grown
        return true
      }
      this.#take(next.value)
    } while (!isEnough() && !this.#isStuck)
    return this.#isStuck
  }

  /** Gives the text of a line, as it stands in the file now. */
  text(place: number): string {
    return this.#bytes(place).toString('utf8')
  }

  /** Gives a record as it stands in the file now; null where it is none. */
  record(place: number): LogRecord | null {
    return recordAsWritten(this.#bytes(place))
  }

  /** Tells an entry in the words of the timeline; what is very long is cut. */
  told(place: number): readonly TimelineLine[] {
    const known = this.#told.get(place)
    if (known !== undefined) return known
    const told = toldAt(this.entries.record(place), this.record(place))
      .slice(0, MOST_LINES)
      .map((line) => ({ ...line, text: cut(line.text) }))
    if (this.#told.size >= KEPT) this.#told.clear()
    this.#told.set(place, told)
    return told
  }

  /** Says who it was, by which client, under which policy and grants when an entry was written. */
  contextAt(place: number): LogRecord {
    const members = CONTEXT.flatMap((member) => {
      const said = this.entries.previous(member, place + 1)
      return said === null ? [] : [[member, this.record(said)?.[member]] as const]
    })
    return Object.fromEntries(members)
  }

  /** Tells where an entry holds a text in lower case: in the words of the timeline, or in its arguments, result or facts. */
  whereIn(place: number, lower: string): Where | null {
    const told = this.told(place).flatMap(({ text, record }) =>
      record === undefined ? [text] : [text, record],
    )
    if (told.some((text) => text.toLowerCase().includes(lower))) return 'told'
    const text = this.text(place)
    if (!isRecord(parsed(text))) return text.toLowerCase().includes(lower) ? 'inside' : null
    const isInside = SEARCHED.some((path) => {
      const found = valueAt(text, path)
      return found !== undefined && jsonHolds(text.slice(found.start, found.end), lower)
    })
    return isInside ? 'inside' : null
  }

  close(): void {
    this.#reader.close()
    closeSync(this.#fd)
  }

  #take({ bytes, offset, end }: LogLine): void {
    this.#isStuck = end === 'long'
    this.#read = offset + bytes.length + 1
    this.entries.add(end === 'whole' ? recordIn(bytes) : null, { offset, length: bytes.length })
  }

  #bytes(place: number): Buffer {
    const { offset, length } = this.entries.stretch(place)
    return readAt(this.#fd, offset, length) // fewer where it was cut since
  }
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`
}
