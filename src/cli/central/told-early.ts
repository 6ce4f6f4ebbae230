import type { Early } from '../../policy/read-telling.ts'
import type { Policy } from '../../policy/policy.ts'

/** What is told, and what takes back what was done about it. */
interface Parts {
  readonly early?: Early
  readonly undo?: () => void
}

/**
 * Remembers which servers `early` was told of. Policies come and go while one is looked for: what was done for another
 * than the one that is taken is taken back, and where it went wrong, that is no fault of the policy.
 */
export class ToldEarly {
  /** What a policy is compiled with; never throws. */
  readonly early: Early | undefined
  readonly #parts: Parts
  #servers: Policy['servers'] | null = null
  #problem: { readonly failure: unknown } | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.early = parts.early && ((servers) => this.#tell(servers))
  }

  /** Whether what `early` was told of last went wrong. */
  get failed(): boolean {
    return this.#problem !== null
  }

  /** Sees to it that `early` was told of this policy's servers; false where nobody listens. Throws what `early` threw. */
  async finish({ servers }: Policy): Promise<boolean> {
    if (this.#parts.early === undefined) return false
    if (servers !== this.#servers) await this.#tell(servers)
    if (this.#problem !== null) throw this.#problem.failure
    return true
  }

  /** Takes back what was done. */
  undo(): void {
    if (this.#servers !== null) this.#parts.undo?.()
    this.#servers = null
    this.#problem = null
  }

  async #tell(servers: Policy['servers']): Promise<void> {
    this.undo()
    this.#servers = servers
    try {
      await this.#parts.early?.(servers)
    } catch (failure) {
      this.#problem = { failure }
    }
  }
}
