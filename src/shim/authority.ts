import type { Activation } from '../activation.ts'
import type { Call, Circumstances } from '../decision.ts'
import { standingOf } from '../policy/activation-standing.ts'
import { activationRefusal, coveringGrants, mayActivate } from '../policy/grants.ts'
import type { GrantCircumstances } from '../policy/grant-context.ts'
import type { Grant, Policy } from '../policy/policy.ts'
import { grantsOn } from '../policy/rules-in-force.ts'
import type { Subject } from '../subject.ts'
import type { ActivationFeed, PolicyFeed, PolicyNow, SubjectFeed, SubjectNow } from './feeds.ts'
import { grantHelp } from './grant-help.ts'
import { SessionGrants } from './session-grants.ts'
import { NO_RULES, StandingRules } from './standing-rules.ts'
import type { ActiveGrant, Asking, Authority, Standing } from './standing.ts'

/** What an authority needs: the feeds, and what this run of `wrap` was asked for. */
export interface AuthorityOptions {
  readonly policy: PolicyFeed
  readonly subject: SubjectFeed
  /** null: this machine's shared state cannot be read, so nothing that was requested is active. */
  readonly activations: ActivationFeed | null
  /** The server's name in the policy; null for a command that the policy does not name, which no grant fits. */
  readonly server: string | null
  /** The `session` grants that `--grant` named; null: all. */
  readonly only: readonly string[] | null
  /** `--reason`, which is theirs. */
  readonly reason: string | null
  /** The policy file that was named by hand, ready for a shell; null: whatever policy holds for everyone. */
  readonly policyFile: string | null
  readonly now: () => Date
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
}

/** A grant that is active, and what ends it. */
interface Active extends ActiveGrant {
  /** The activation that made it so; null: the session did. */
  readonly id: string | null
  /** When it is over by the clock that nobody sets, in its milliseconds; null: not by time. */
  readonly deadlineMs: number | null
}

/** A grant that the subject may have; `sure`: whatever the client. */
interface Mine {
  readonly grant: Grant
  readonly sure: boolean
}

/** What a standing was made of; another in any of these makes another standing. */
interface Seen {
  readonly policy: PolicyNow
  readonly subject: SubjectNow
  readonly client: Asking['client']
}

// Conditions of grants may read the clock, so they are judged anew once a second.
const CONDITIONS_MS = 1000

/** Says who is asking and what holds, from what its feeds say. */
export class GrantAuthority implements Authority {
  readonly ready: Authority['ready']
  readonly #options: AuthorityOptions
  readonly #sessionGrants: SessionGrants
  /** By activation: the two clocks when this process saw it first. */
  readonly #firstSeen = new Map<string, { readonly ms: number; readonly now: Date }>()
  readonly #calls = new Set<() => void>()
  #rules: { readonly of: Policy; readonly made: StandingRules } | null = null
  #standing: Standing | null = null
  #active: readonly Active[] = []
  #seen: Seen | null = null
  #checkAtMs = 0
  #checkAt = 0
  #timer: NodeJS.Timeout | undefined

  /** @param ready loads what the policy's conditions need; null: they can be judged now */
  constructor(options: AuthorityOptions, ready: Authority['ready']) {
    this.#options = options
    this.#sessionGrants = new SessionGrants(options)
    this.ready = ready
  }

  current(asking: Asking): Standing {
    const policy = this.#options.policy.current()
    const subject = this.#options.subject.current(policy.policy)
    const changed = this.#options.activations?.changed() ?? false
    const seen = this.#seen
    const same = seen?.policy === policy && seen.subject === subject && seen.client === asking.client
    if (this.#standing !== null && same && !changed && !this.#isDue()) return this.#standing
    this.#seen = { policy, subject, client: asking.client }
    this.#standing = this.#standingNow(policy, subject, asking)
    this.#wakeAtTheNextEnd()
    return this.#standing
  }

  use(grants: readonly string[]): boolean {
    for (const name of grants) {
      const counted = this.#seen?.policy.policy.grants.find((grant) => grant.name === name)?.uses ?? null
      if (counted === null) continue
      const id = this.#active.find((one) => one.name === name)?.id ?? null
      this.#standing = null // the last use ends it
      const left = id === null ? this.#sessionGrants.use(name, counted) : this.#options.activations?.use(id)
      if (left !== true) return false
    }
    return true
  }

  helpFor(call: Call, circumstances: Circumstances): string | null {
    const seen = this.#seen
    if (seen === null || seen.subject.subject === null) return null
    const { policy } = seen.policy
    const active = this.#active.map(({ name }) => name)
    const available = this.#grantsFor(seen.subject.subject, policy, circumstances).map(
      ({ grant }) => grant.name,
    )
    const [grant] = coveringGrants(call, policy, this.#options.server, available, circumstances, active)
    return grant === undefined ? null : grantHelp(grant, this.#options.policyFile)
  }

  onChange(call: () => void): () => void {
    const { policy, subject, activations } = this.#options
    this.#calls.add(call)
    const stops = [policy, subject, ...(activations === null ? [] : [activations])].map((feed) =>
      feed.onChange(call),
    )
    return () => {
      this.#calls.delete(call)
      clearTimeout(this.#timer)
      for (const stop of stops) stop()
    }
  }

  #isDue(): boolean {
    return this.#options.monotonic() >= this.#checkAtMs || this.#options.now().getTime() >= this.#checkAt
  }

  #standingNow(policy: PolicyNow, { subject, blocked, ends }: SubjectNow, asking: Asking): Standing {
    const { activations } = this.#options
    const rules = this.#rulesOf(policy.policy)
    const now = activations?.mark(this.#options.now()) ?? this.#options.now()
    const causes = this.#sessionGrants.takeUp(activations?.causes() ?? [])
    const why = policy.blocked ?? blocked
    const who = why === null ? subject : null
    const mine = who === null ? [] : this.#grantsFor(who, policy.policy, { ...asking, now })
    this.#active = who === null ? [] : this.#activeAmong(mine, policy, who, now)
    const active = this.#active.map(({ name }) => name)
    const offered = mine.flatMap(({ grant }) =>
      isOffered(grant) && !active.includes(grant.name) ? [grant] : [],
    )
    const until = earliest([
      policy.ends,
      policy.refreshes,
      ends,
      ...this.#active.map(({ expires }) => expires),
    ])
    this.#planNextCheck(policy, ends)
    return {
      policy: policy.policy,
      subject,
      grants: this.#active,
      rules: who === null ? NO_RULES : rules.inForce(active),
      listed: who === null ? NO_RULES : rules.listed(active, offered),
      possible: rules.possible,
      blocked: why,
      until,
      cause: causes.length === 0 ? null : causes.join('; '),
    }
  }

  // What depends on the client is not sure until the client has said who it is.
  #grantsFor(subject: Subject, policy: Policy, circumstances: GrantCircumstances): Mine[] {
    return grantsOn(policy, this.#options.server).flatMap((grant) => {
      const { verdict } = mayActivate(grant, subject, circumstances)
      return verdict === 'no' ? [] : [{ grant, sure: verdict === 'yes' }]
    })
  }

  #activeAmong(mine: readonly Mine[], policy: PolicyNow, subject: Subject, now: Date): Active[] {
    const requested = this.#options.activations?.live(policy, subject) ?? []
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
    const ms = this.#options.monotonic()
    const first = this.#firstSeen.get(id) ?? { ms, now }
    this.#firstSeen.set(id, first)
    // Whichever clock is later: neither can be set back to revive it, also where the policy has made it shorter since.
    const latest = new Date(Math.max(now.getTime(), first.now.getTime() + ms - first.ms))
    const standing = standingOf({ activation, used: 0, ended: null }, grant, subject, latest)
    if (!standing.holds) return []
    const { expires } = standing
    const deadlineMs = ms + expires.getTime() - latest.getTime()
    return [{ name: grant.name, mode: 'request', started, expires, reason, id, deadlineMs }]
  }

  #rulesOf(policy: Policy): StandingRules {
    if (this.#rules?.of !== policy)
      this.#rules = { of: policy, made: new StandingRules(policy, this.#options.server) }
    return this.#rules.made
  }

  #planNextCheck(policy: PolicyNow, claimsEnd: Date | null): void {
    const ms = this.#options.monotonic()
    const conditional = grantsOn(policy.policy, this.#options.server).some(({ when }) => when !== null)
    const deadlines = this.#active.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs]))
    this.#checkAtMs = Math.min(conditional ? ms + CONDITIONS_MS : Number.POSITIVE_INFINITY, ...deadlines)
    const end = earliest([policy.ends, claimsEnd, ...this.#active.map(({ expires }) => expires)])
    this.#checkAt = end?.getTime() ?? Number.POSITIVE_INFINITY
  }

  #wakeAtTheNextEnd(): void {
    clearTimeout(this.#timer)
    const left = Math.min(
      this.#checkAtMs - this.#options.monotonic(),
      this.#checkAt - this.#options.now().getTime(),
    )
    if (!Number.isFinite(left)) return
    const call = () => this.#calls.forEach((one) => one())
    this.#timer = setTimeout(call, Math.min(Math.max(left, 0) + 1, MAX_TIMER_MS)).unref()
  }
}

// What nobody can activate is not shown either.
function isOffered(grant: Grant): boolean {
  return grant.listed === 'available' && activationRefusal(grant) === null
}

// Of setTimeout: 24.8 days.
const MAX_TIMER_MS = 2 ** 31 - 1

function earliest(dates: readonly (Date | null)[]): Date | null {
  const known = dates.filter((date) => date !== null)
  return known.length === 0 ? null : new Date(Math.min(...known.map((date) => date.getTime())))
}
