import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { HoopctlError } from '../errors.ts'
import type { DeviceKey } from './device-key.ts'
import { stateUnwritable } from './disk-failure.ts'
import { fileState } from './file-state.ts'
import {
  type NotesEnd,
  PRUNED,
  prunedLine,
  type PrunedLog,
  type PrunedNote,
  type PrunedNotes,
  readPrunedNotes,
} from './pruned-note.ts'
import { syncDirectory } from './sync-directory.ts'

const { O_CREAT, O_RDWR } = constants

/** The file of notes on pruned sessions, to add to. Only one process may do this at a time. */
export class PrunedNotesFile {
  readonly #directory: string
  readonly #path: string
  readonly #device: DeviceKey
  /** What the file was like when it was read or written last: thousands of notes are not verified again for each. */
  #seen: string | null = null
  #notes = new Map<number, SignedFacts>()
  #end: NotesEnd | null = null

  constructor(directory: string, device: DeviceKey) {
    this.#directory = directory
    this.#path = join(directory, PRUNED)
    this.#device = device
  }

  /**
   * Notes that a log is about to be removed; the note outlives a power cut when this returns. One that says the same is
   * enough. Throws LOG_BROKEN where the notes that are there do not hold, and STATE_UNWRITABLE where none can be added;
   * then nothing may be removed.
   */
  add(log: PrunedLog, now: Date): void {
    const end = this.#read()
    const wanted = { ...log, device: this.#device.id }
    if (isDeepStrictEqual(this.#notes.get(log.number), wanted)) return
    const line = prunedLine(end, `${now.toISOString().slice(0, -1)}000Z`, log, this.#device)
    const bytes = Buffer.from(`${line}\n`)
    try {
      append(this.#path, bytes, end.bytes)
      if (end.seq === 0) syncDirectory(this.#directory)
    } catch (error) {
      throw stateUnwritable(this.#path, error)
    }
    this.#notes.set(log.number, wanted)
    this.#end = { seq: end.seq + 1, prev: hash('sha256', line), bytes: end.bytes + bytes.length }
    this.#seen = fileState(this.#path)
  }

  /** Checks the notes that are there. Throws LOG_BROKEN where they do not hold, STATE_UNWRITABLE where they cannot be read. */
  check(): void {
    this.#read()
  }

  #read(): NotesEnd {
    const seen = fileState(this.#path)
    if (this.#end !== null && seen === this.#seen) return this.#end
    const { notes, problem, end } = this.#readAll()
    if (problem !== null) {
      const hint = 'keep the file as it is, for whoever looks into it; nothing is removed while it is there'
      throw new HoopctlError('LOG_BROKEN', `\`${this.#path}\` was altered: ${problem}`, { hint })
    }
    this.#notes = new Map(notes.map((note) => [note.number, factsOf(note)]))
    this.#seen = seen
    this.#end = end
    return end
  }

  #readAll(): PrunedNotes {
    try {
      return readPrunedNotes(this.#directory)
    } catch (error) {
      throw stateUnwritable(this.#path, error)
    }
  }
}

// Who noted it counts: a note by another key stands for nothing, whatever it says.
type SignedFacts = Omit<PrunedNote, 'at'>

function factsOf({ at: _, ...facts }: PrunedNote): SignedFacts {
  return facts
}

// Half a line that a killed process left is cut off first, and so is half of this one where it cannot be written whole.
function append(path: string, line: Uint8Array, position: number): void {
  const fd = openSync(path, O_RDWR | O_CREAT, 0o600)
  try {
    if (fstatSync(fd).size > position) ftruncateSync(fd, position)
    for (let offset = 0; offset < line.length; )
      offset += writeSync(fd, line, offset, line.length - offset, position + offset)
    fdatasyncSync(fd)
  } catch (error) {
    ftruncateSync(fd, position)
    throw error
  } finally {
    closeSync(fd)
  }
}
