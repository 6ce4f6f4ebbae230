import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { SignInSource } from '../shim/sign-in-feed.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import { Events } from '../state/events.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Context } from './context.ts'
import { NOBODY, openSignIns } from './open-sign-ins.ts'

// Whether a renewal is due is asked so often; one is made every 15 minutes.
const RENEW_MS = 60_000

/** Where a running shim reads who is signed in, and hears of sign-ins and sign-outs. */
export class RunningSignIn implements SignInSource {
  readonly maxAgeMs: number
  readonly #settings: IdentitySettings
  readonly #context: Context
  readonly #events: Events
  readonly #shared: SharedState
  #lastEvent: number
  #signIns: SignIns | null = null

  constructor(settings: IdentitySettings, shared: SharedState, context: Context) {
    this.maxAgeMs = settings.maxAgeMs
    this.#settings = settings
    this.#context = context
    this.#shared = shared
    this.#events = new Events(shared)
    this.#lastEvent = this.#events.last()
  }

  async read(): Promise<SignIn | NoSignIn> {
    return this.#orWhy(async () => {
      // Anew each time: `login` may have chosen another store.
      this.#signIns = await openSignIns(this.#context, null)
      return this.#signIns === null ? NOBODY : this.#signIns.current(this.#settings)
    })
  }

  onChange(call: () => void): () => void {
    const stop = this.#shared.onBell(() => {
      if (this.#somebodySigned()) call()
    })
    const timer = setInterval(() => void this.#renew(call), RENEW_MS).unref()
    return () => {
      clearInterval(timer)
      stop()
    }
  }

  #somebodySigned(): boolean {
    const events = this.#orNone(() => this.#events.since(this.#lastEvent))
    this.#lastEvent = events.at(-1)?.id ?? this.#lastEvent
    return events.some(({ kind }) => kind === 'sign-in' || kind === 'sign-out')
  }

  async #renew(call: () => void): Promise<void> {
    const signIns = this.#signIns
    if (signIns === null) return
    await this.#orWhy(async () => (await signIns.renewWhenDue(this.#settings)).signIn)
    call()
  }

  async #orWhy(work: () => Promise<SignIn | NoSignIn>): Promise<SignIn | NoSignIn> {
    try {
      return await work()
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      return { kind: 'unreachable', why: failure.message, hint: failure.hint }
    }
  }

  #orNone<T>(work: () => T[]): T[] {
    try {
      return work()
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      return [] // told where activations are read
    }
  }
}
