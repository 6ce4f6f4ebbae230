import type { PolicyFeed } from '../../shim/feeds.ts'
import type { Context } from '../context.ts'

/** A session, as other commands are told of it. */
export interface KnownSession {
  readonly session: string
  /** The server, as people read it. */
  readonly server: string
  readonly feed: PolicyFeed
}

// A session that has begun has better things to do.
const TELL_MS = 300

/**
 * Tells other commands, soon after its start, that a session runs whose log may be uploaded or pruned, also where its policy has
 * nothing else to share: silence alone, as of a laptop that sleeps, must not pass for its end.
 */
export class KnownToRun {
  readonly #about: KnownSession
  readonly #context: Context
  #end: (() => void) | null = null
  #isOver = false

  constructor(about: KnownSession, context: Context) {
    this.#about = about
    this.#context = context
    const { uploads, audit } = about.feed.current().policy
    if (uploads.length > 0 || audit.retainMs !== null) setTimeout(() => void this.#tell(), TELL_MS).unref()
  }

  close(): void {
    this.#isOver = true
    this.#end?.()
  }

  async #tell(): Promise<void> {
    const loaded = await import('./tell-running.ts').catch(() => null) // null: another version was installed meanwhile
    if (!this.#isOver) this.#end = loaded?.tellRunning(this.#about, this.#context) ?? null
  }
}
