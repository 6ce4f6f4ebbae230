import type { ApprovalBucket, Entry } from '../../remote/approval-bucket.ts'
import { dropOldest } from './drop-oldest.ts'

/** An object that was not there, or was not looked at, before. */
export interface NewObject {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Which names are looked at. */
export interface Window {
  /** Those behind this one … */
  readonly after: string
  /** … up to this one. */
  readonly until: string
  readonly wants?: (name: string) => boolean
}

interface Bounds {
  /** A longer object is passed over. */
  readonly maxBytes: number
}

const READ_AT_ONCE = 16
/** So many objects, and so many bytes, are read in one look. */
const MOST_READ = 250
const MOST_BYTES = 32 * 1024 ** 2
/** So many names are remembered: what was forgotten is read again, and is the same. */
const MOST_KNOWN = 20_000
const LONGEST_REST = 64

/**
 * Tells what is new below a prefix. Anybody may have written there, so each look takes one request to list, and so many
 * more to read: a flood makes a look no longer than that, and hides nothing for ever, because every second look goes on
 * through the older names, and what is read is taken from both ends.
 */
export class NewObjects {
  readonly #bucket: ApprovalBucket
  readonly #prefix: string
  readonly #bounds: Bounds
  readonly #known = new Set<string>()
  readonly #resting = new Map<string, { readonly tries: number; readonly until: number }>()
  #looks = 0
  /** Where the way through the older names has come to; null: the first page has all. */
  #next: string | null = null
  #atFirst = false

  constructor(bucket: ApprovalBucket, prefix: string, bounds: Bounds) {
    this.#bucket = bucket
    this.#prefix = prefix
    this.#bounds = bounds
  }

  /**
   * Lists once, reads what is new, and hands on each object as soon as it is there; one that could not be taken comes again.
   * Gives why some could not be read, if so: they are tried again later. Throws UNREACHABLE where it cannot be listed.
   */
  async look(window: Window, take: (object: NewObject) => void): Promise<unknown> {
    this.#looks += 1
    const listed = await this.#page(window)
    const unread = listed.filter(({ name }) => name <= window.until && !this.#known.has(name))
    for (const { name, bytes } of unread) if (bytes > this.#bounds.maxBytes) this.#note(name)
    const wanted = unread.filter(({ name, bytes }) => {
      return bytes <= this.#bounds.maxBytes && !this.#rests(name) && window.wants?.(name) !== false
    })
    let failure: unknown = null
    await inParallel(chosen(wanted), async ({ name }) => {
      const bytes = await this.#bucket.get(name, this.#bounds.maxBytes).catch((error: unknown) => {
        failure ??= error
        return null
      })
      if (bytes === null) return this.#letRest(name)
      take({ name, bytes })
      this.#note(name)
    })
    return failure
  }

  /** Reads an object again when it is next seen. */
  forget(name: string): void {
    this.#known.delete(name)
  }

  async #page({ after, until }: Window): Promise<readonly Entry[]> {
    const older = this.#atFirst && this.#next !== null && this.#next > after ? this.#next : null
    const { entries, next } = await this.#bucket.list(this.#prefix, older ?? after)
    const rest = next === null || next >= until ? null : next
    if (older !== null || this.#next === null) this.#next = rest
    this.#atFirst = older === null
    return entries
  }

  #rests(name: string): boolean {
    return (this.#resting.get(name)?.until ?? 0) > this.#looks
  }

  // One that nobody may read, or that is listed and not there, must not take the place of others at every look.
  #letRest(name: string): void {
    const tries = (this.#resting.get(name)?.tries ?? 0) + 1
    this.#resting.delete(name)
    this.#resting.set(name, { tries, until: this.#looks + Math.min(LONGEST_REST, 2 ** (tries - 1)) })
    dropOldest(this.#resting, MOST_KNOWN)
  }

  #note(name: string): void {
    this.#resting.delete(name)
    this.#known.add(name)
    dropOldest(this.#known, MOST_KNOWN)
  }
}

// By turns the first and the last: whoever adds to one end does not keep the other from being read.
function chosen(wanted: readonly Entry[]): Entry[] {
  const taken: Entry[] = []
  let bytes = 0
  for (let i = 0; i < wanted.length && taken.length < MOST_READ; i += 1) {
    const entry = wanted.at(i % 2 === 0 ? i / 2 : -(i + 1) / 2)
    if (entry === undefined || bytes + entry.bytes > MOST_BYTES) continue
    bytes += entry.bytes
    taken.push(entry)
  }
  return taken
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(READ_AT_ONCE, items.length) }, worker))
}
