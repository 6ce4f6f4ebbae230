import type { Grant } from '../policy/policy.ts'
import type { Subject } from '../subject.ts'
import type { HappenedEvent } from './feeds.ts'
import type { ActiveGrant } from './standing.ts'

interface Options {
  readonly only: readonly string[] | null
  readonly reason: string | null
  readonly monotonic: () => number
}

interface Started {
  readonly name: string
  readonly at: Date
  /** The same on the clock that nobody sets. */
  readonly atMs: number
  ended: boolean
}

/** A grant that its session made active. */
export interface ActiveBySession extends ActiveGrant {
  /** When it is over by the clock that nobody sets, in its milliseconds; null: not by time. */
  readonly deadlineMs: number | null
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
  active(grant: Grant, subject: Subject, now: Date): ActiveBySession | null {
    const { only, reason, monotonic } = this.#options
    const { mode, reason: wanted } = grant.activate
    if (mode !== 'session' || only?.includes(grant.name) === false) return null
    if (wanted === 'required' && reason === null) return null
    const key = keyOf(grant.name, subject)
    const begun = { name: grant.name, at: now, atMs: monotonic(), ended: false }
    const started: Started = this.#started.get(key) ?? begun
    this.#started.set(key, started)
    // As the policy says now: a newer one may have made it shorter.
    const ms = grant.duration.defaultMs
    const expires = ms === null ? null : new Date(started.at.getTime() + ms)
    const deadlineMs = ms === null ? null : started.atMs + ms
    const isOver = (expires !== null && now >= expires) || (deadlineMs !== null && monotonic() >= deadlineMs)
    if (isOver) started.ended = true
    if (started.ended) return null
    return { name: grant.name, mode: 'session', started: started.at, expires, reason, deadlineMs }
  }

  /** Ends what was revoked, and gives what happened in words for records. What starts later than an event is not ended by it. */
  takeUp(events: readonly HappenedEvent[]): string[] {
    for (const { revoked } of events) {
      if (revoked === null) continue
      for (const one of this.#started.values()) {
        if (revoked === '*' || one.name === revoked) one.ended = true
      }
    }
    return events.map(({ text }) => text)
  }
}

function keyOf(name: string, { issuer, sub }: Subject): string {
  return JSON.stringify([issuer, sub, name])
}
