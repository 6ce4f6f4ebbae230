import { HoopctlError } from '../../errors.ts'
import type { PolicyFeed, PolicyNow } from '../../shim/feeds.ts'
import type { Blocked } from '../../shim/standing.ts'
import { blockedAt, endOf, type Moment } from './policy-end.ts'
import type { KeptPolicy, PolicyKeeper } from './policy-keeper.ts'

/** What a feed needs beside the keeper. */
export interface FeedParts {
  readonly keeper: PolicyKeeper
  /** What activations name their policy by. */
  readonly key: string
  readonly moment: () => Moment
  /** From 0 up to 1. */
  readonly random: () => number
  /** Tells the person, on stderr. */
  readonly tell: (line: string) => void
  /** Calls when another process may have changed the copies; returns what ends that. */
  readonly onBell: (call: () => void) => () => void
  /** Wakes the other processes. */
  readonly ring: () => void
}

// A source that is away is looked for again sooner than a policy that was just seen.
const RETRY_MS = 60_000
// What a blocked person waits for, without asking the source at each message.
const BLOCKED_RETRY_MS = 10_000
// The network is dear to load, and a start has better things to do: the client waits for its first answers.
const START_MS = 2000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The central policy as a running session sees it: refreshed in the background, another one between two messages. */
export class CentralFeed implements PolicyFeed {
  readonly #parts: FeedParts
  readonly #calls = new Set<() => void>()
  readonly #stopListening: () => void
  #now: PolicyNow
  #refreshAt: number
  #triedAt = 0
  #refreshing: Promise<void> | null = null
  #told: string | null = null
  #timer: NodeJS.Timeout | undefined
  #endTimer: NodeJS.Timeout | undefined
  #closed = false

  /** @param kept what the keeper has loaded */
  constructor(kept: KeptPolicy, parts: FeedParts) {
    this.#parts = parts
    const due = this.#nextRefresh(parts.keeper.contact?.at.getTime() ?? 0, kept.policy.refreshMs)
    this.#refreshAt = Math.max(due, this.#time() + START_MS * (0.5 + parts.random()))
    this.#now = this.#policyNow(kept, parts.moment(), null)
    this.#stopListening = parts.onBell(() => void this.#takeOver())
    this.#schedule()
  }

  current(): PolicyNow {
    const { kept } = this.#parts.keeper
    if (kept === null) return this.#now
    const moment = this.#parts.moment()
    const now = this.#policyNow(kept, moment, this.#now.blocked)
    if (!isSame(now, this.#now)) this.#now = now
    if (now.blocked !== null && moment.time.getTime() >= this.#triedAt + BLOCKED_RETRY_MS) void this.refresh()
    return this.#now
  }

  onChange(call: () => void): () => void {
    this.#calls.add(call)
    return () => void this.#calls.delete(call)
  }

  /** Looks at the source now. Never throws: what went wrong is told once, and what was kept stays until it ends. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  /** Ends all timers. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#endTimer)
    this.#stopListening()
  }

  async #refreshOnce(): Promise<void> {
    const { keeper, ring } = this.#parts
    const before = keeper.kept?.policy
    this.#triedAt = this.#time()
    try {
      await keeper.refresh()
      await this.#changeTo(before)
      this.#told = null
      this.#refreshAt = this.#nextRefresh(this.#time(), keeper.kept?.policy.refreshMs ?? RETRY_MS)
      if (keeper.kept?.policy !== before) ring()
    } catch (failure) {
      if (this.#closed) return // what it needed was closed under it
      this.#tellOnce(failure)
      const retryMs = Math.min(RETRY_MS, keeper.kept?.policy.refreshMs ?? RETRY_MS)
      this.#refreshAt = this.#nextRefresh(this.#time(), retryMs)
    }
    this.#schedule()
  }

  // Another process has taken up something, or somebody has touched the copies.
  async #takeOver(): Promise<void> {
    const { keeper } = this.#parts
    if (this.#closed || this.#refreshing !== null) return
    try {
      if (!keeper.isChanged()) return
      const before = keeper.kept?.policy
      await keeper.load()
      await this.#changeTo(before)
      const { kept, contact } = keeper
      if (kept === null) return
      this.#refreshAt = this.#nextRefresh(contact?.at.getTime() ?? 0, kept.policy.refreshMs)
      this.#schedule()
    } catch (failure) {
      this.#tellOnce(failure)
    }
  }

  // Conditions must be judged by what they need, so it is loaded before the policy is in force.
  async #changeTo(before: unknown): Promise<void> {
    const kept = this.#parts.keeper.kept
    if (kept === null) return
    if (kept.policy !== before) await kept.policy.ready?.()
    const was = this.#now
    const now = this.#policyNow(kept, this.#parts.moment(), was.blocked)
    this.#now = now
    if (now.policy !== was.policy || now.blocked !== was.blocked) this.#call()
  }

  #call(): void {
    for (const call of this.#calls) call()
  }

  #tellOnce(failure: unknown): void {
    if (!(failure instanceof HoopctlError)) throw failure
    const line = `the central policy was not refreshed: ${failure.message} (${failure.hint})`
    if (line !== this.#told) this.#parts.tell(line)
    this.#told = line
  }

  #policyNow(kept: KeptPolicy, moment: Moment, before: Blocked | null): PolicyNow {
    const { contact } = this.#parts.keeper
    const found = blockedAt(kept, contact, moment)
    // The same object while it says the same, so that nobody is told of a change that is none.
    const blocked = found !== null && before?.why === found.why ? before : found
    return {
      policy: kept.policy,
      key: this.#parts.key,
      blocked,
      ends: blocked === null ? endOf(kept, contact) : null,
      refreshes: new Date(this.#refreshAt),
    }
  }

  // The shims of a whole company are started at nine o'clock.
  #nextRefresh(from: number, intervalMs: number): number {
    return from + intervalMs * (0.9 + 0.2 * this.#parts.random())
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#endTimer)
    if (this.#closed) return
    this.#timer = timer(this.#refreshAt - this.#time(), () => void this.#dueRefresh())
    const { ends } = this.#now
    if (ends !== null) this.#endTimer = timer(ends.getTime() - this.#time(), () => this.#call())
  }

  // Ten shims of one person need not all ask.
  async #dueRefresh(): Promise<void> {
    await this.#takeOver()
    if (this.#closed) return
    if (this.#time() >= this.#refreshAt) await this.refresh()
    else this.#schedule()
  }

  #time(): number {
    return this.#parts.moment().time.getTime()
  }
}

function timer(ms: number, call: () => void): NodeJS.Timeout {
  return setTimeout(call, Math.min(Math.max(0, ms), LONGEST_TIMER_MS)).unref()
}

function isSame(a: PolicyNow, b: PolicyNow): boolean {
  const sameEnds =
    a.ends?.getTime() === b.ends?.getTime() && a.refreshes?.getTime() === b.refreshes?.getTime()
  return a.policy === b.policy && a.blocked === b.blocked && sameEnds
}
