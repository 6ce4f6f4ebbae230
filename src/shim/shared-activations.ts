import type { Activation } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { isOneOf } from '../policy/who.ts'
import { Activations, type RefusedActivation } from '../state/activations.ts'
import type { SealKey } from '../state/activation-row.ts'
import { ClockMark } from '../state/clock-mark.ts'
import { Events, type StateEvent } from '../state/events.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Subject } from '../subject.ts'
import type { ActivationFeed, HappenedEvent, PolicyNow } from './feeds.ts'
import { endLost } from './lost-activations.ts'
import { ProvenActivations, type Refused } from './proven-activations.ts'

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

/** The activations of all processes of this user, as one running shim sees them. */
export class SharedActivations implements ActivationFeed {
  readonly #state: SharedState
  readonly #options: Options
  readonly #activations: Activations
  readonly #clock: ClockMark
  readonly #events: Events
  readonly #proven: ProvenActivations
  /** When this process began: what it knows of who asks is from later. */
  readonly #since: Date
  /** Those that were for who asks, as far as this process knows. */
  readonly #theirs = new Set<string>()
  readonly #calls = new Set<() => void>()
  #lastEvent: number
  #checked = false
  #broken = false

  constructor(state: SharedState, options: Options) {
    const { key, sinceBoot } = options
    this.#state = state
    this.#options = options
    this.#since = options.now()
    this.#clock = new ClockMark(state, { lazy: true })
    this.#activations = new Activations(state, {
      key,
      clock: this.#clock,
      onRefused: this.#tell,
      ...(sinceBoot === undefined ? {} : { monotonic: sinceBoot }),
    })
    this.#proven = new ProvenActivations({
      check: options.check,
      onRefused: (refused) => this.#refuse(refused),
      onChecked: () => this.#wake(),
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

  review(policy: PolicyNow, subject: Subject | null): void {
    const parts = { state: this.#state, activations: this.#activations, device: this.#options.key.publicKey }
    const mayJudge = (one: Activation) => this.#isSeen(one)
    const known = subject === null ? null : { subject, mayJudge }
    this.#unlessBroken(() => endLost(policy, known, parts, this.#options.now()), undefined)
  }

  live(policy: PolicyNow, subject: Subject): readonly Activation[] {
    const { issuer, sub } = subject
    const holder = { policy: policy.key, issuer, sub, device: this.#options.key.publicKey }
    const live = this.#unlessBroken(() => this.#activations.live(holder, this.#options.now()), [])
    for (const { id, grant } of live) {
      const who = policy.policy.grants.find(({ name }) => name === grant)?.who
      if (who !== undefined && isOneOf(who, subject)) this.#theirs.add(id)
    }
    return live.filter((activation) => this.#proven.holds(activation, policy))
  }

  awaits(grant: string, policy: PolicyNow, { issuer, sub }: Subject): string | null {
    const which = { policy: policy.key, issuer, sub, device: this.#options.key.publicKey, grant }
    const live = this.#unlessBroken(() => this.#activations.live(which, this.#options.now()), [])
    return live.map((one) => this.#proven.awaits(one, policy)).find((why) => why !== null) ?? null
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

  // Somebody may have signed in anew and asked while this process has yet to read in which groups they are now.
  #isSeen({ id, started }: Activation): boolean {
    return started < this.#since || this.#theirs.has(id)
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

  #wake(): void {
    this.#checked = true
    for (const call of this.#calls) call()
  }

  // What cannot be checked now is no attempt of anybody's, and told only.
  #refuse({ activation: { id, grant }, why, isSure }: Refused): void {
    this.#tell({ id, grant, why })
    const event = { kind: 'refused-activation', at: this.#options.now(), fields: { id, grant, why } } as const
    if (isSure) this.#unlessBroken(() => this.#events.appendOnce(event), null, true)
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
