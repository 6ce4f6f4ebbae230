import type { Activation } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { proofFault } from '../policy/activation-standing.ts'
import { Activations, type RefusedActivation } from '../state/activations.ts'
import type { SealKey } from '../state/activation-row.ts'
import { ClockMark } from '../state/clock-mark.ts'
import { Events, type StateEvent } from '../state/events.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Subject } from '../subject.ts'
import type { ActivationFeed, HappenedEvent, PolicyNow } from './feeds.ts'

interface Options {
  readonly key: SealKey
  readonly now: () => Date
  /** Milliseconds since this machine started; absent: what the machine says. */
  readonly sinceBoot?: () => number
  /** Says why an activation's proof does not hold, or null. Asks the provider for its keys, so it takes a while. */
  readonly check: (activation: Activation, policy: PolicyNow) => Promise<string | null>
  /** Writes one line for the person who reads stderr. */
  readonly say: (line: string) => void
}

const CHECK_AGAIN_MS = 15_000

type Proven = 'being-checked' | 'yes' | 'no'

/** The activations of all processes of this user, as one running shim sees them. */
export class SharedActivations implements ActivationFeed {
  readonly #state: SharedState
  readonly #options: Options
  readonly #activations: Activations
  readonly #clock: ClockMark
  readonly #events: Events
  readonly #proven = new Map<string, Proven>()
  readonly #calls = new Set<() => void>()
  #lastEvent: number
  #checked = false
  #broken = false

  constructor(state: SharedState, options: Options) {
    const { key, sinceBoot } = options
    this.#state = state
    this.#options = options
    this.#clock = new ClockMark(state, { lazy: true })
    this.#activations = new Activations(state, {
      key,
      clock: this.#clock,
      onRefused: this.#tell,
      ...(sinceBoot === undefined ? {} : { monotonic: sinceBoot }),
    })
    this.#events = new Events(state)
    this.#lastEvent = this.#events.last()
  }

  changed(): boolean {
    const checked = this.#checked
    this.#checked = false
    const wasBroken = this.#broken
    this.#broken = false
    const changed = this.#unlessBroken(() => this.#state.changed(), false, wasBroken)
    return changed || checked || this.#broken !== wasBroken
  }

  live(policy: PolicyNow, subject: Subject): readonly Activation[] {
    const { issuer, sub } = subject
    const holder = { policy: policy.key, issuer, sub, device: this.#options.key.publicKey }
    const live = this.#unlessBroken(() => this.#activations.live(holder, this.#options.now()), [])
    return live.filter((activation) => this.#isProven(activation, policy))
  }

  used(id: string): number {
    return this.#unlessBroken(() => this.#activations.used(id, this.#options.now()), Infinity)
  }

  timeSince(id: string): Date | null {
    return this.#unlessBroken(() => this.#activations.timeSince(id, this.#options.now()), null)
  }

  use(id: string, most: number): boolean {
    return this.#unlessBroken(() => this.#activations.claimUse(id, this.#options.now(), most), false)
  }

  mark(now: Date): Date {
    return this.#unlessBroken(() => this.#clock.mark(now).now, now)
  }

  causes(): readonly HappenedEvent[] {
    const events = this.#unlessBroken(() => this.#events.since(this.#lastEvent), [])
    this.#lastEvent = events.at(-1)?.id ?? this.#lastEvent
    return events.map(happened)
  }

  onChange(call: () => void): () => void {
    this.#calls.add(call)
    const stop = this.#state.onBell(call)
    return () => {
      this.#calls.delete(call)
      stop()
    }
  }

  /** Writes what is still to be written. */
  close(): void {
    this.#clock.flush()
  }

  // Missing or unreadable means: nothing that was requested is active (docs/design.md, "State that processes share").
  // What is found broken stays so until `changed` finds it whole again.
  #unlessBroken<T>(work: () => T, otherwise: T, told = false): T {
    if (this.#broken) return otherwise
    try {
      return work()
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      if (!told) this.#options.say(`nothing that was requested is active: ${failure.message}`)
      this.#broken = true
      return otherwise
    }
  }

  // An activation counts once its proof was checked in this process: what others say of it is anybody's word.
  #isProven(activation: Activation, policy: PolicyNow): boolean {
    const wanted = policy.policy.grants.find(({ name }) => name === activation.grant)?.activate
    if (wanted === undefined) return false
    if (proofFault(activation.proof, wanted) !== null) return false
    if (activation.proof.kind === 'terminal') return true
    // All of it: who has the device key can seal another activation under the id of one that was checked.
    const what = JSON.stringify([policy.policy.digest, activation])
    const known = this.#proven.get(what)
    if (known === undefined) void this.#prove(what, activation, policy)
    return known === 'yes'
  }

  async #prove(what: string, activation: Activation, policy: PolicyNow): Promise<void> {
    const { id, grant } = activation
    this.#proven.set(what, 'being-checked')
    try {
      const why = await this.#options.check(activation, policy)
      this.#proven.set(what, why === null ? 'yes' : 'no')
      if (why !== null) this.#tell({ id, grant, why })
    } catch (failure) {
      // The provider cannot be asked for its keys now: until it can, the activation does not count.
      this.#tell({ id, grant, why: reasonOf(failure) })
      setTimeout(() => this.#proven.delete(what) && this.#wake(), CHECK_AGAIN_MS).unref()
    }
    this.#wake()
  }

  #wake(): void {
    this.#checked = true
    for (const call of this.#calls) call()
  }

  readonly #tell = ({ grant, why }: RefusedActivation): void => {
    this.#options.say(`the activation of \`${grant}\` does not count: ${why}`)
  }
}

function happened({ kind, fields }: StateEvent): HappenedEvent {
  const { grant = '', id = '', reason = '', why = '' } = fields
  const text = [kind, kind === 'refused-approval' ? id : grant].filter((word) => word !== '').join(' ')
  const more = [reason, why].filter((word) => word !== '').join(', ')
  return { text: more === '' ? text : `${text}: ${more}`, revoked: kind === 'revoke' ? grant : null }
}

function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
