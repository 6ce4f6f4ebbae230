import { HoopctlError } from '../errors.ts'
import { openSharedState, type SharedState } from '../state/shared-state.ts'
import { Shims } from '../state/shims.ts'
import type { Context } from './context.ts'

/** Says whether the process that writes a session's log is still there, as far as it has told of itself. */
export class SessionWriter implements Disposable {
  readonly #session: string
  readonly #state: SharedState | null
  #wasThere = false

  constructor(session: string, context: Context) {
    this.#session = session
    this.#state = openedState(context)
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
    return orNone(() => shims.processOf(this.#session)) ?? 'unknown'
  }

  [Symbol.dispose](): void {
    this.#state?.close()
  }
}

function openedState(context: Context): SharedState | null {
  const { state, run } = context.directories()
  return orNone(() => openSharedState(state, run))
}

// What the processes share may be missing or broken, which is no reason not to show a session.
function orNone<T>(read: () => T): T | null {
  try {
    return read()
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    return null
  }
}
