import type { ApprovalDesk } from '../shim/approval-desk.ts'
import type { Standing } from '../shim/standing.ts'
import type { Context } from './context.ts'
import type { Wrapped } from './session-authority.ts'
import type { SharedSession } from './shared-session.ts'

// A client that says nothing after its handshake is told of all the same.
const ANNOUNCE_MS = 1000

/**
 * What a session shares with other processes, from when it is opened. Loading and opening it is a sixth of a start, so a
 * session that shares nothing but questions opens it behind the handshake. What other commands are told of the session
 * waits for the disk, so it is written behind the handshake, too.
 */
export class SharedParts {
  readonly #wrapped: Wrapped
  readonly #context: Context
  readonly #calls = new Set<() => void>()
  #told: { readonly standing: Standing; readonly session: string } | null = null
  #opened: SharedSession | null = null
  #stopListening = () => {}
  #isAnnounced = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(wrapped: Wrapped, context: Context) {
    this.#wrapped = wrapped
    this.#context = context
  }

  /** Where people are asked; null before it is opened, and where what processes share cannot be read. */
  get desk(): ApprovalDesk | null {
    return this.#opened?.desk ?? null
  }

  /** Opens it; null, and told, where it cannot be read. */
  async open(): Promise<SharedSession | null> {
    const { openShared } = await import('./beyond-local.ts')
    if (this.#isClosed) return null
    const opened = openShared(this.#wrapped, this.#context)
    this.#opened = opened
    if (opened === null) return null
    this.#stopListening = opened.desk.onChange(() => this.#calls.forEach((call) => call()))
    this.#tellOpened()
    return opened
  }

  /** From now on other commands are told of this session: nobody waits for its first answer any more. */
  announce(): void {
    clearTimeout(this.#timer)
    this.#isAnnounced = true
    this.#tellOpened()
  }

  /** Calls back when an answer of a person may have come; returns how to stop that. */
  onAnswer(call: () => void): () => void {
    this.#calls.add(call)
    return () => void this.#calls.delete(call)
  }

  /** Tells other commands what holds in this session. */
  tell(standing: Standing, session: string): void {
    this.#told = { standing, session }
    this.#timer ??= setTimeout(() => this.announce(), ANNOUNCE_MS).unref()
    this.#tellOpened()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#stopListening()
    await this.#opened?.close()
  }

  #tellOpened(): void {
    if (this.#told === null || !this.#isAnnounced) return
    this.#opened?.tell(this.#told.standing, this.#told.session)
  }
}
