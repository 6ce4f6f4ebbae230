import type { Grant } from '../policy/policy.ts'
import type { Subject } from '../subject.ts'
import type { HappenedEvent } from './feeds.ts'
import type { ActiveGrant } from './standing.ts'

interface Options {
  readonly only: readonly string[] | null
  readonly reason: string | null
  readonly monotonic: () => number
}

interface Started extends ActiveGrant {
  readonly deadlineMs: number | null
  used: number
  ended: boolean
}

/**
 * The grants of mode `session`: they start with this run of `wrap`, for a subject who may have them, and end with it, or
 * with their duration, or when the person revokes them. One that has ended does not start again by itself.
 */
export class SessionGrants {
  readonly #options: Options
  readonly #started = new Map<string, Started>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Gives a grant that is active; null where it is of another mode, was not asked for, or has ended. */
  active(grant: Grant, subject: Subject, now: Date): Started | null {
    const { only, reason } = this.#options
    const { mode, reason: wanted } = grant.activate
    if (mode !== 'session' || only?.includes(grant.name) === false) return null
    if (wanted === 'required' && reason === null) return null
    const key = JSON.stringify([subject.issuer, subject.sub, grant.name])
    const started = this.#started.get(key) ?? this.#start(grant, reason, now)
    this.#started.set(key, started)
    const { deadlineMs, expires, used } = started
    if (deadlineMs !== null && this.#options.monotonic() >= deadlineMs) started.ended = true
    if ((expires !== null && now >= expires) || (grant.uses !== null && used >= grant.uses))
      started.ended = true
    return started.ended ? null : started
  }

  /** Takes a use; false: none is left. */
  use(name: string, uses: number): boolean {
    const started = [...this.#started.values()].find((one) => one.name === name && !one.ended)
    if (started === undefined || started.used >= uses) return false
    started.used += 1
    return true
  }

  /** Ends what was revoked, and gives what happened in words for records. */
  takeUp(events: readonly HappenedEvent[]): string[] {
    for (const { revoked, at } of events) {
      if (revoked === null) continue
      for (const one of this.#started.values()) {
        if ((revoked === '*' || one.name === revoked) && one.started <= at) one.ended = true
      }
    }
    return events.map(({ text }) => text)
  }

  #start({ name, duration }: Grant, reason: string | null, now: Date): Started {
    const ms = duration.defaultMs
    const expires = ms === null ? null : new Date(now.getTime() + ms)
    const deadlineMs = ms === null ? null : this.#options.monotonic() + ms
    return { name, mode: 'session', started: now, expires, reason, deadlineMs, used: 0, ended: false }
  }
}
