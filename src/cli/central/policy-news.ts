import { Events } from '../../state/events.ts'
import { openSharedState, type SharedState } from '../../state/shared-state.ts'
import { chooseSource } from '../choose-source.ts'
import type { Context } from '../context.ts'
import { ifUsable } from '../if-usable.ts'
import { cacheOf } from './open-central.ts'

/** Hears of what may bring a policy: that somebody signed in, or that another process has changed what is kept of its source. */
export class PolicyNews {
  readonly #context: Context
  readonly #state: SharedState | null
  readonly #events: Events | null
  #lastEvent: number
  #stamp: () => string = () => ''
  #known = ''

  /** @param since what happened before then is no news */
  constructor(since: Date, context: Context) {
    this.#context = context
    const { state, run } = context.directories()
    this.#state = ifUsable(() => openSharedState(state, run))
    this.#events = this.#state && new Events(this.#state)
    const before = ifUsable(() => this.#events?.since(0).filter(({ at }) => at < since))
    this.#lastEvent = before?.at(-1)?.id ?? 0
  }

  /** Settles when there is news, and after this time at the latest; also where what processes share cannot be heard. */
  async next(ms: number): Promise<void> {
    const come = Promise.withResolvers<void>()
    const hear = () => {
      if (this.#isNews()) come.resolve()
    }
    const stop = this.#state?.onBell(hear)
    const timer = setTimeout(come.resolve, ms).unref()
    hear() // it may have come while nobody listened
    await come.promise
    clearTimeout(timer)
    stop?.()
  }

  /** Looks. Who signs in meanwhile is news; what is kept of the source is known afterwards, because looking changes it. */
  async around<T>(look: () => Promise<T>): Promise<T> {
    this.#lastEvent = ifUsable(() => this.#events?.last()) ?? this.#lastEvent
    const found = await look()
    await this.noteKept()
    return found
  }

  /** Takes what is kept of the source now for known. */
  async noteKept(): Promise<void> {
    const { state } = this.#context.directories()
    const chosen = await chooseSource(undefined, this.#context).catch(() => null) // whoever looks is told why
    this.#stamp = chosen?.kind === 'central' ? () => cacheOf(chosen.source, state).stamp() : () => ''
    this.#known = this.#stamp()
  }

  /** Listens no longer. */
  close(): void {
    this.#state?.close()
  }

  #isNews(): boolean {
    const events = ifUsable(() => this.#events?.since(this.#lastEvent)) ?? []
    return (
      events.some(({ kind }) => kind === 'sign-in' || kind === 'sign-out') || this.#stamp() !== this.#known
    )
  }
}
