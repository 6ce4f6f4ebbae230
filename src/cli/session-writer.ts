import { openSharedState, type SharedState } from '../state/shared-state.ts'
import { Shims } from '../state/shims.ts'
import type { Context } from './context.ts'
import { ifUsable } from './if-usable.ts'

/** Says whether the process that writes a session's log is still there, as far as it has told of itself. */
export class SessionWriter implements Disposable {
  readonly #session: string
  readonly #state: SharedState | null
  #wasThere = false

  constructor(session: string, context: Context) {
    this.#session = session
    this.#state = openedState(context)
  }

  /** false: it is gone, or nobody can tell. */
  isRunning(): boolean {
    return this.#process() === 'running'
  }

  /** false: perhaps it is there. A policy without grants and questions has nothing to share, and its session never tells. */
  isGone(): boolean {
    const last = this.#process()
    this.#wasThere ||= last !== 'unknown'
    return this.#wasThere && last !== 'running'
  }

  #process(): ReturnType<Shims['processOf']> {
    if (this.#state === null) return 'unknown'
    const shims = new Shims(this.#state)
    return ifUsable(() => shims.processOf(this.#session)) ?? 'unknown'
  }

  [Symbol.dispose](): void {
    this.#state?.close()
  }
}

function openedState(context: Context): SharedState | null {
  const { state, run } = context.directories()
  return ifUsable(() => openSharedState(state, run))
}
