import type { Call, Circumstances } from '../decision.ts'
import type { Id, ResponseMessage } from './message.ts'

/** One request with what its answer needs. */
export interface Exchange {
  /** Counts the requests of either side from 1. */
  readonly number: number
  readonly id: Id
  readonly method: string
  /** When it came, on the process's monotonic clock, in milliseconds. */
  readonly startedMs: number
  /** What was decided on; null for what the protocol needs. */
  call: Call | null
  /** Who the client said it was when it asked. */
  readonly client: Circumstances['client']
  /** Did the request carry its protocol version with it, as from 2026-07-28 on? */
  readonly modern: boolean
  readonly progressToken: Id | null
  /** The task that it reads or ends; null for others. */
  readonly task: string | null
  /** Does it ask for a task in place of its result? The server may tell of that task before its answer names it. */
  readonly asksTask: boolean
  /** For `subscriptions/listen`: what was asked for, without what was refused. */
  filter: ListenFilter | null
  /** Does its answer begin a list? Only then does an answer without a next page show the whole list. */
  readonly firstPage: boolean
  /** Is it on its way to the other side? A held one is not. */
  sent: boolean
  /** The approval by which it was sent, and whether the person edited its arguments; null where nobody was asked. */
  approved: { readonly id: string; readonly how: 'asked' | 'edited' | 'remembered' } | null
  /** For hoopctl's own requests: takes the answer instead of the client; null where none can come. */
  readonly receive: ((answer: ResponseMessage | null) => void) | null
}

/** The notifications that a `subscriptions/listen` stream carries. */
export interface ListenFilter {
  readonly lists: readonly string[]
  readonly resources: ReadonlySet<string>
  readonly tasks: ReadonlySet<string>
}

interface Cancelled {
  readonly exchange: Exchange
  readonly governed: boolean
  readonly atMs: number
}

const CANCELLED_KEPT_MS = 10 * 60_000
const CANCELLED_KEPT = 1024

/**
 * The requests of one side that wait for an answer. A cancelled one keeps its id until its late answer, so that no
 * other request can be given that answer: 10 minutes and 1,024 of them at most. What somebody else asked for keeps it
 * until the answer, however late.
 */
export class OpenExchanges {
  readonly #open = new Map<Id, Exchange>()
  readonly #cancelled = new Map<Id, Cancelled>()
  readonly #tokens = new Map<Id, Exchange>()
  readonly #abandoned = new Set<Id>()
  readonly #abandonedTokens = new Set<Id>()

  get size(): number {
    return this.#open.size
  }

  /** Is an id taken: by a request that waits, or by a cancelled or abandoned one whose answer may still come? */
  has(id: Id, nowMs: number): boolean {
    this.#forget(nowMs)
    return this.#open.has(id) || this.#cancelled.has(id) || this.#abandoned.has(id)
  }

  begin(exchange: Exchange): void {
    this.#open.set(exchange.id, exchange)
    if (exchange.progressToken !== null) this.#tokens.set(exchange.progressToken, exchange)
  }

  get(id: Id): Exchange | undefined {
    return this.#open.get(id)
  }

  /** Ends an exchange, however; undefined where nothing waits under that id. A cancelled one ends here too. */
  end(id: Id): Exchange | undefined {
    const exchange = this.#open.get(id) ?? this.#cancelled.get(id)?.exchange
    this.#open.delete(id)
    this.#cancelled.delete(id)
    if (exchange !== undefined) this.#freeToken(exchange)
    return exchange
  }

  /** Ends an exchange by what the other side says under its id. What it did not get, it does not answer. */
  answer(id: Id): Exchange | undefined {
    return this.#open.get(id)?.sent === false ? undefined : this.end(id)
  }

  /** Marks an exchange as cancelled; its id and its progress token stay reserved. */
  cancel(exchange: Exchange, nowMs: number): void {
    this.#open.delete(exchange.id)
    // Its call may be large, and nothing is decided on it any more.
    const governed = exchange.call !== null && exchange.sent
    this.#cancelled.set(exchange.id, { exchange: { ...exchange, call: null }, governed, atMs: nowMs })
    this.#forget(nowMs)
  }

  /**
   * Ends all of them, because somebody else asks from now on, and returns those that waited. What the other side got
   * leaves its id and its progress token taken: neither may come to mean a request of the one who asks next.
   * @param tokens more that the other side may still tell progress under
   */
  abandon(tokens: Iterable<Id> = []): Exchange[] {
    const open = this.all()
    const cancelled = [...this.#cancelled.values()].map(({ exchange }) => exchange)
    for (const { id, progressToken, sent } of [...open, ...cancelled]) {
      if (!sent) continue
      this.#abandoned.add(id)
      if (progressToken !== null) this.#abandonedTokens.add(progressToken)
    }
    for (const token of tokens) this.#abandonedTokens.add(token)
    for (const one of [this.#open, this.#cancelled, this.#tokens]) one.clear()
    return open
  }

  /** Ends an abandoned exchange by its late answer; false where there is none under that id. */
  endAbandoned(id: Id): boolean {
    return this.#abandoned.delete(id)
  }

  /** Does the other side tell progress under this token of what somebody else asked for? */
  isAbandonedToken(token: Id): boolean {
    return this.#abandonedTokens.has(token)
  }

  /** Finds the exchange that a progress token belongs to: one that was sent and waits, or a cancelled one that may still answer. */
  byToken(token: Id): Exchange | undefined {
    const exchange = this.isAbandonedToken(token) ? undefined : this.#tokens.get(token)
    return exchange?.sent === true ? exchange : undefined
  }

  /** Counts the governed calls that the server got and has not answered, cancelled ones too: it may still be at work. */
  calls(): number {
    const open = this.all().filter(({ call, sent }) => call !== null && sent)
    return open.length + [...this.#cancelled.values()].filter(({ governed }) => governed).length
  }

  /** All that wait now, oldest first. */
  all(): Exchange[] {
    return [...this.#open.values()]
  }

  #freeToken(exchange: Exchange): void {
    const token = exchange.progressToken
    if (token !== null && this.#tokens.get(token)?.number === exchange.number) this.#tokens.delete(token)
  }

  #forget(nowMs: number): void {
    for (const [id, { exchange, atMs }] of this.#cancelled) {
      if (this.#cancelled.size <= CANCELLED_KEPT && nowMs - atMs < CANCELLED_KEPT_MS) return
      this.#cancelled.delete(id)
      this.#freeToken(exchange)
    }
  }
}
