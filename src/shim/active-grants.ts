import type { Activation } from '../activation.ts'
import { standingOf } from '../policy/activation-standing.ts'
import type { Grant } from '../policy/policy.ts'
import type { Subject } from '../subject.ts'
import type { ActivationFeed, HappenedEvent, PolicyNow } from './feeds.ts'
import { SessionGrants } from './session-grants.ts'
import type { ActiveGrant } from './standing.ts'

/** A grant that is active, and what ends it. */
export interface Active extends ActiveGrant {
  /** The activation that made it so; null: the session did. */
  readonly id: string | null
  /** When it is over by the clock that nobody sets, in its milliseconds; null: not by time. */
  readonly deadlineMs: number | null
}

/** A grant that the subject may have; `sure`: whatever the client. */
export interface Mine {
  readonly grant: Grant
  readonly sure: boolean
}

interface Options {
  readonly activations: ActivationFeed | null
  readonly only: readonly string[] | null
  readonly reason: string | null
  readonly monotonic: () => number
}

/** Which grants are active: those that were requested, and those that this session started. */
export class ActiveGrants {
  readonly #activations: ActivationFeed | null
  readonly #monotonic: () => number
  readonly #sessionGrants: SessionGrants
  /** By activation: the two clocks when this process saw it first. */
  readonly #firstSeen = new Map<string, { readonly ms: number; readonly now: Date }>()

  constructor(options: Options) {
    this.#activations = options.activations
    this.#monotonic = options.monotonic
    this.#sessionGrants = new SessionGrants(options)
  }

  /** Ends what was revoked, and gives what happened in words for records. */
  takeUp(events: readonly HappenedEvent[]): string[] {
    return this.#sessionGrants.takeUp(events)
  }

  /** Finds which of the grants that a subject may have are active now. */
  among(mine: readonly Mine[], policy: PolicyNow, subject: Subject, now: Date): Active[] {
    const requested = this.#activations?.live(policy, subject) ?? []
    return mine.flatMap(({ grant, sure }): Active[] => {
      if (!sure) return []
      const activation = requested.find((one) => one.grant === grant.name)
      const active = activation === undefined ? [] : this.#activeBy(activation, grant, subject, now)
      if (active.length > 0) return active
      const session = this.#sessionGrants.active(grant, subject, now)
      return session === null ? [] : [{ ...session, id: null }]
    })
  }

  #activeBy(activation: Activation, grant: Grant, subject: Subject, now: Date): Active[] {
    const { id, started, reason } = activation
    const ms = this.#monotonic()
    const first = this.#firstSeen.get(id) ?? { ms, now }
    this.#firstSeen.set(id, first)
    // Whichever clock is later: none can be set back to revive it, also where the policy has made it shorter since. What
    // runs since it was made does not hold over a restart of the machine, what runs since it was seen does not before.
    const sinceSeen = first.now.getTime() + ms - first.ms
    const sinceMade = this.#activations?.timeSince(id)?.getTime() ?? sinceSeen
    const latest = new Date(Math.max(now.getTime(), sinceSeen, sinceMade))
    const used = grant.uses === null ? 0 : (this.#activations?.used(id) ?? Infinity)
    const standing = standingOf({ activation, used, ended: null }, grant, subject, latest)
    if (!standing.holds) return []
    const { expires } = standing
    const deadlineMs = ms + expires.getTime() - latest.getTime()
    return [{ name: grant.name, mode: 'request', started, expires, reason, id, deadlineMs }]
  }

  /** Takes a use of one that is active, of as many as the policy gives now; false: none is left. */
  take({ id }: Pick<Active, 'id'>, uses: number): boolean {
    // What a session started has no uses: no policy gives it any.
    return id !== null && (this.#activations?.use(id, uses) ?? false)
  }
}
