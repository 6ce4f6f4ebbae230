import { HoopctlError } from '../errors.ts'
import type { PolicyFeed } from '../shim/feeds.ts'
import type { Standing } from '../shim/standing.ts'
import type { SharedState } from '../state/shared-state.ts'
import { Shims } from '../state/shims.ts'

/** This run of `wrap`, as `hoopctl status` and `hoopctl grants` see it. Nothing is decided by what it tells. */
export class RegisteredShim {
  readonly #shims: Shims
  readonly #about: { readonly label: string; readonly policy: PolicyFeed }
  readonly #now: () => Date
  #session: string | null = null

  constructor(
    state: SharedState,
    about: { readonly label: string; readonly policy: PolicyFeed },
    now: () => Date,
  ) {
    this.#shims = new Shims(state)
    this.#about = about
    this.#now = now
  }

  /** Tells what holds now; in another session than before, that this one began. */
  tell({ subject, grants }: Standing, session: string): void {
    const who = subject === null ? null : { issuer: subject.issuer, sub: subject.sub }
    this.#quietly(() => {
      if (this.#session === session) return this.#shims.update(session, { subject: who, grants })
      this.end()
      this.#session = session
      const { label, policy } = this.#about
      const begun = { session, pid: process.pid, server: label, policy: policy.current().key }
      this.#shims.register({ ...begun, started: this.#now(), subject: who, grants })
    })
  }

  end(): void {
    const session = this.#session
    this.#session = null
    if (session !== null) this.#quietly(() => this.#shims.unregister(session))
  }

  // People see less of this session then; the session itself goes on.
  #quietly(work: () => void): void {
    try {
      work()
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
    }
  }
}
