import type { Confirmations } from '../../audit/session-log.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ConfirmedObject } from '../../records.ts'
import type { Context } from '../context.ts'

/** Reads what destinations were seen to hold and no checkpoint tells of. */
export interface UntoldReader {
  untold(destinations: readonly string[], most: number): readonly ConfirmedObject[]
  close(): void
}

// A checkpoint with so many takes about 32 KiB; what waits comes with the next one.
const MOST = 64
// What was confirmed of another session is told here where that one, it seems, can no longer tell it.
const OTHERS_MS = 15_000
// A session that has begun has better things to do.
const LOAD_MS = 500

/**
 * Tells checkpoints what destinations of the policy were seen to hold. Here it is only read: a checkpoint must not wait for
 * somebody else's write. What is told is noted by whoever uploads that checkpoint.
 */
export class ConfirmedUploads implements Confirmations {
  readonly #policy: () => Policy
  readonly #context: Context
  readonly #told = new Set<string>()
  // Loaded soon after the start, for the first checkpoint, or with the one that first has a use for it.
  #reader: UntoldReader | 'loading' | null = null
  #isOver = false

  constructor(policy: () => Policy, context: Context) {
    this.#policy = policy
    this.#context = context
    if (policy().uploads.length > 0) setTimeout(() => void this.#load(), LOAD_MS).unref()
  }

  untold(session: string): readonly ConfirmedObject[] {
    const destinations = this.#policy().uploads.map(({ url }) => url)
    if (destinations.length === 0) return []
    if (this.#reader === null) void this.#load()
    if (this.#reader === null || this.#reader === 'loading') return []
    const others = new Date(this.#context.now().getTime() - OTHERS_MS).toISOString()
    return this.#reader
      .untold(destinations, MOST + this.#told.size)
      .filter(
        (object) => !this.#told.has(nameOf(object)) && (object.session === session || object.at < others),
      )
      .slice(0, MOST)
  }

  told(objects: readonly ConfirmedObject[]): void {
    for (const object of objects) this.#told.add(nameOf(object))
  }

  close(): void {
    this.#isOver = true
    if (this.#reader !== 'loading') this.#reader?.close()
  }

  async #load(): Promise<void> {
    if (this.#reader !== null || this.#isOver) return
    this.#reader = 'loading'
    const loaded = await import('./untold-uploads.ts').catch(() => null)
    if (loaded === null) return // another version was installed meanwhile: a later session tells it
    this.#reader = this.#isOver ? null : loaded.openUntold(this.#context)
  }
}

function nameOf({ to, key }: ConfirmedObject): string {
  return `${to}${key}`
}
