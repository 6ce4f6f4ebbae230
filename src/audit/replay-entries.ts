import { isRecord, type LogRecord, numberOf, recordOf, textOf, textsOf } from './log-record.ts'
import { toldOf } from './timeline.ts'

/** What one jumps to: what was refused, what people were asked and answered; and where it is said who, and under what. */
export type Topic = 'denial' | 'approval' | 'subject' | 'client' | 'policy' | 'grants'

/** Where a line stands in its file, in bytes, without its newline. */
export interface Stretch {
  readonly offset: number
  readonly length: number
}

/** What the `context` records say, each member at the start and where it changes. */
export const CONTEXT = ['subject', 'client', 'policy', 'grants'] as const
const MOST_OF_ONE_SIDE = 25

/**
 * Knows of each record that a timeline tells of where it stands and when it was written, and no more: a session may have a
 * million of them. A place is a number from 0 on. Nothing is verified here.
 */
export class ReplayEntries {
  readonly #offsets: number[] = []
  readonly #lengths: number[] = []
  readonly #times: number[] = []
  readonly #exchanges: number[] = []
  readonly #records: number[] = []
  readonly #topics: Readonly<Record<Topic, number[]>> = {
    denial: [],
    approval: [],
    subject: [],
    client: [],
    policy: [],
    grants: [],
  }
  #lines = 0
  #broken = 0
  #hasEnded = false
  #server: string | null = null

  get count(): number {
    return this.#offsets.length
  }

  /** How many lines are no records, or stand where they cannot have been written. */
  get broken(): number {
    return this.#broken
  }

  /** Is there a footer? */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The server's name in the policy, else the command; null: nothing is known of it. */
  get server(): string | null {
    return this.#server
  }

  /** Takes the next line; null: it is no record. */
  add(record: LogRecord | null, { offset, length }: Stretch): void {
    const isMisplaced = record === null || numberOf(record, 'seq') !== this.#lines || this.#hasEnded
    if (isMisplaced) this.#broken += 1
    this.#lines += 1
    const kind = record === null ? null : textOf(record, 'kind')
    if (kind === 'footer') this.#hasEnded = true
    if (kind === 'header' && this.#lines === 1) this.#server = serverOf(record ?? {})
    if (toldOf(record).length === 0) return
    const place = this.count
    for (const topic of topicsOf(record ?? {})) this.#topics[topic].push(place)
    this.#offsets.push(offset)
    this.#lengths.push(length)
    this.#times.push(laterOf(this.#times.at(-1), Date.parse(textOf(record ?? {}, 'at') ?? '')))
    this.#records.push(this.#lines - 1)
    this.#exchanges.push(numberOf(record ?? {}, 'exchange') ?? Number.NaN)
  }

  /** Where the line of an entry stands. */
  stretch(place: number): Stretch {
    return { offset: this.#offsets[place] ?? 0, length: this.#lengths[place] ?? 0 }
  }

  /** Which record of the log an entry is, from 0 on, by where it stands. */
  record(place: number): number {
    return this.#records[place] ?? Number.NaN
  }

  /** When an entry was written, in milliseconds since the epoch, never before the one above it; NaN where nothing says. */
  at(place: number): number {
    return this.#times[place] ?? Number.NaN
  }

  /** The first place behind this one that is about a topic. */
  next(topic: Topic, place: number): number | null {
    const places = this.#topics[topic]
    return places[firstAbove(places, place)] ?? null
  }

  /** The last place before this one that is about a topic. */
  previous(topic: Topic, place: number): number | null {
    const places = this.#topics[topic]
    return places[firstAbove(places, place - 1) - 1] ?? null
  }

  /** The places of all that is recorded of the exchange to which a place belongs, with itself. */
  exchangeOf(place: number): readonly number[] {
    const exchange = this.#exchanges[place] ?? Number.NaN
    const found = [place]
    for (let at = place - 1; at >= 0 && found.length <= MOST_OF_ONE_SIDE; at--)
      if (this.#exchanges[at] === exchange) found.unshift(at)
    const most = found.length + MOST_OF_ONE_SIDE
    for (let at = place + 1; at < this.count && found.length < most; at++)
      if (this.#exchanges[at] === exchange) found.push(at)
    return found
  }
}

function serverOf(header: LogRecord): string | null {
  const server = recordOf(header, 'server')
  return textOf(server, 'name') ?? textsOf(server, 'command')[0] ?? null
}

function topicsOf(record: LogRecord): readonly Topic[] {
  const kind = textOf(record, 'kind')
  if (kind === 'context') return CONTEXT.filter((member) => member in record)
  if (kind === 'approval') return ['approval']
  const { decision } = record
  const effect = textOf(isRecord(decision) ? decision : record, 'effect')
  return kind === 'refused' || effect === 'deny' ? ['denial'] : []
}

function laterOf(before: number | undefined, at: number): number {
  if (Number.isNaN(at)) return before ?? Number.NaN
  return before === undefined || Number.isNaN(before) ? at : Math.max(before, at)
}

// Finds by halves the index of the first number above a limit.
function firstAbove(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) > limit) high = middle
    else low = middle + 1
  }
  return low
}
