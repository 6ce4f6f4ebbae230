import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { askEveryMs } from '../identity/judge-tokens.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { WorkloadSignIn } from '../identity/workload-sign-in.ts'
import type { SignInSource } from '../shim/sign-in-feed.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import { Events } from '../state/events.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Context } from './context.ts'
import { KeptSignInCheck } from './kept-sign-in-check.ts'
import { NOBODY, openSignIns } from './open-sign-ins.ts'
import { openWorkload } from './workload.ts'

/** Where a running shim reads who is signed in, and hears of sign-ins and sign-outs. */
export class RunningSignIn implements SignInSource {
  #settings: IdentitySettings
  readonly #context: Context
  readonly #events: Events
  readonly #shared: SharedState
  readonly #check = new KeptSignInCheck()
  #lastEvent: number
  #signIns: SignIns | null = null
  #workload: WorkloadSignIn | null = null
  readonly #calls = new Set<() => void>()
  #asking: { readonly everyMs: number; readonly timer: NodeJS.Timeout } | null = null
  #renewing = false

  constructor(settings: IdentitySettings, shared: SharedState, context: Context) {
    this.#settings = settings
    this.#context = context
    this.#shared = shared
    this.#events = new Events(shared)
    this.#lastEvent = this.#events.last()
  }

  async read(settings: IdentitySettings): Promise<SignIn | NoSignIn> {
    this.#settings = settings
    this.#ask()
    return this.#orWhy(() => this.#readNow())
  }

  // A person who signed in counts; where nobody did, the workload that runs here, if it is one.
  async #readNow(): Promise<SignIn | NoSignIn> {
    // Anew each time: `login` may have chosen another store.
    this.#signIns = await openSignIns(this.#context, null)
    const person = this.#signIns === null ? NOBODY : await this.#person(this.#signIns)
    if (person.kind !== 'none' || this.#settings.workloads.length === 0) return person
    this.#workload ??= await openWorkload(this.#context)
    return this.#workload === null ? person : this.#workload.current(this.#settings)
  }

  async #person(signIns: SignIns): Promise<SignIn | NoSignIn> {
    return this.#check.check(await signIns.current(this.#settings), signIns)
  }

  onChange(call: () => void): () => void {
    const stopCheck = this.#check.onRefused(call)
    const stop = this.#shared.onBell(() => {
      if (this.#somebodySigned()) call()
    })
    this.#calls.add(call)
    this.#ask()
    return () => {
      this.#calls.delete(call)
      this.#ask()
      stopCheck()
      stop()
    }
  }

  // As often as `maxAge` wants it, which another policy may change while somebody listens.
  #ask(): void {
    const everyMs = this.#calls.size === 0 ? null : askEveryMs(this.#settings.maxAgeMs)
    if (everyMs === (this.#asking?.everyMs ?? null)) return
    clearInterval(this.#asking?.timer)
    this.#asking =
      everyMs === null ? null : { everyMs, timer: setInterval(() => void this.#renew(), everyMs).unref() }
  }

  #somebodySigned(): boolean {
    const events = this.#orNone(() => this.#events.since(this.#lastEvent))
    this.#lastEvent = events.at(-1)?.id ?? this.#lastEvent
    return events.some(({ kind }) => kind === 'sign-in' || kind === 'sign-out')
  }

  async #renew(): Promise<void> {
    const signIns = this.#signIns
    if (this.#renewing || (signIns === null && this.#workload === null)) return
    this.#renewing = true // a provider that is slow to answer may take longer than until the next time
    try {
      if (signIns !== null) await this.#orWhy(async () => (await signIns.renewWhenDue(this.#settings)).signIn)
    } finally {
      this.#renewing = false
    }
    for (const call of this.#calls) call()
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
