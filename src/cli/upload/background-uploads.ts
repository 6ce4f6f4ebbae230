import type { ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import type { PolicyFeed } from '../../shim/feeds.ts'
import type { Context } from '../context.ts'
import { spawnDetached } from '../spawn-detached.ts'

/** What is uploaded, and by which policy. */
export interface Uploaded {
  readonly feed: PolicyFeed
  /** `--policy`, as it was typed. */
  readonly policy: string | undefined
  /** Where the log of this session is now. */
  readonly path: () => string
  /** Does something wait that calls may be denied for, of whatever session? */
  readonly isWaiting: () => boolean
}

const LOOK_MS = 10_000
const SHORTEST_MS = 1000
const LONGEST_MS = 10 * 60_000
const SPOOL_MS = 2 * 60_000

/**
 * Has another process upload what was recorded (`hoopctl sessions upload`), a few seconds after it was written and once the
 * session is over: no call waits for it, and it goes on when this process has ended. After a failure it is tried less often.
 */
export class BackgroundUploads {
  readonly #uploaded: Uploaded
  readonly #context: Context
  #timer: NodeJS.Timeout | null = null
  #running: ChildProcess | null = null
  #bytes = -1
  /** How many times one after the other it failed, or was tried for what others wrote. */
  #vain = 0

  constructor(uploaded: Uploaded, context: Context) {
    this.#uploaded = uploaded
    this.#context = context
    // Calls may be denied until it has sent what was left behind.
    if (this.#requiredMs !== null) this.#look()
    else this.#sleep()
  }

  /**
   * Ends it; what was written last is sent by a process that stays. Settles when that has ended, and no later than the
   * policy has it waited for, or a signal comes.
   */
  close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    return this.#isWanted() ? this.#patiently(this.#start(true, true)) : Promise.resolve()
  }

  get #requiredMs(): number | null {
    return this.#uploaded.feed.current().policy.uploadTerms.requiredMs
  }

  // Not all at once, where many clients were started together.
  #sleep(): void {
    const ms = this.#waitMs() * (0.75 + Math.random() / 2)
    this.#timer = setTimeout(() => this.#look(), ms).unref()
  }

  // Where calls are denied for what is not confirmed, it is tried several times before that, and not much later again.
  #waitMs(): number {
    const { requiredMs, spool } = this.#uploaded.feed.current().policy.uploadTerms
    const due = requiredMs ?? (spool?.onFull === 'deny' ? SPOOL_MS : Infinity)
    const first = Math.max(SHORTEST_MS, Math.min(LOOK_MS, due / 4))
    return Math.min(LONGEST_MS, Math.max(first, due / 2), first * 2 ** this.#vain)
  }

  #look(): void {
    if (this.#isWanted() && this.#running === null) {
      const isOwn = this.#hasChanged()
      if (isOwn || this.#uploaded.isWaiting()) this.#start(isOwn)
    }
    this.#sleep()
  }

  #hasChanged(): boolean {
    const before = this.#bytes
    this.#bytes = sizeOf(this.#uploaded.path())
    return before !== this.#bytes
  }

  #isWanted(): boolean {
    return this.#uploaded.feed.current().policy.uploads.length > 0
  }

  #start(isOwn: boolean, isLast = false): ChildProcess {
    const words = ['sessions', 'upload', ...(isLast ? [] : this.#goOn())]
    const child = spawnDetached(words, this.#uploaded.policy, this.#context)
    this.#running = child
    const ended = (isGood: boolean) => this.#ended(isGood, isOwn)
    return child.once('error', () => ended(false)).once('exit', (code) => ended(code === 0))
  }

  // Each process has the provider make an access token for a web server, and providers count.
  #goOn(): readonly string[] {
    const { uploads } = this.#uploaded.feed.current().policy
    return uploads.some(({ audience }) => audience !== null) ? ['--for', '2m'] : []
  }

  #ended(isGood: boolean, isOwn: boolean): void {
    this.#running = null
    this.#vain = isGood && isOwn ? 0 : this.#vain + 1
    if (!isGood) this.#bytes = -1 // also where nothing is written meanwhile
  }

  #patiently(child: ChildProcess): Promise<void> {
    const { waitMs } = this.#uploaded.feed.current().policy.uploadTerms
    if (waitMs === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, waitMs) // nothing else keeps this process from ending
      const done = () => {
        clearTimeout(patience)
        resolve()
      }
      child.once('error', done).once('exit', done)
      this.#context.onSignal(done)
    })
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return -1 // whoever uploads it says what is wrong
  }
}
