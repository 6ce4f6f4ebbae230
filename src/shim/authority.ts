import type { Call, Circumstances } from '../decision.ts'
import { coveringGrants, mayActivate } from '../policy/grants.ts'
import type { GrantCircumstances } from '../policy/grant-context.ts'
import type { Policy } from '../policy/policy.ts'
import { grantsOn } from '../policy/rules-in-force.ts'
import type { Subject } from '../subject.ts'
import type { ActivationFeed, PolicyFeed, PolicyNow, SubjectFeed, SubjectNow } from './feeds.ts'
import { type Active, ActiveGrants, type Mine } from './active-grants.ts'
import { awaitedHelp, grantHelp } from './grant-help.ts'
import { NO_RULES, StandingRules } from './standing-rules.ts'
import type { Asking, Authority, Blocked, Standing } from './standing.ts'

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
  /** Says why what runs here is not what a policy wants to run; null: it is. */
  readonly unfit: (policy: Policy) => Blocked | null
  /** The policy file that was named by hand, ready for a shell; null: whatever policy holds for everyone. */
  readonly policyFile: string | null
  readonly now: () => Date
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
}

/** What a standing was made of; another in any of these makes another standing. */
interface Seen {
  readonly policy: PolicyNow
  readonly subject: SubjectNow
  readonly client: Asking['client']
  readonly calls: number
}

// Conditions of grants may read the clock, so they are judged anew once a second.
const CONDITIONS_MS = 1000

/** Says who is asking and what holds, from what its feeds say. */
export class GrantAuthority implements Authority {
  readonly ready: Authority['ready']
  readonly #options: AuthorityOptions
  readonly #grants: ActiveGrants
  readonly #calls = new Set<() => void>()
  #rules: { readonly of: Policy; readonly made: StandingRules } | null = null
  #standing: Standing | null = null
  #active: readonly Active[] = []
  #seen: Seen | null = null
  /** Has the server a grant with a condition? */
  #conditional = false
  #checkAtMs = 0
  #checkAt = 0
  #timer: NodeJS.Timeout | undefined

  /** @param ready loads what the policy's conditions and asking need; null: nothing is missing */
  constructor(options: AuthorityOptions, ready: Authority['ready']) {
    this.#options = options
    this.#grants = new ActiveGrants(options)
    // Until conditions can be judged they fail: what was judged before counts no longer.
    this.ready =
      ready === null
        ? null
        : async () => {
            await ready()
            this.#standing = null
          }
  }

  current(asking: Asking): Standing {
    const policy = this.#options.policy.current()
    const subject = this.#options.subject.current(policy.policy)
    const changed = this.#options.activations?.changed() ?? false
    const seen = this.#seen
    const { client, session } = asking
    const same = seen?.policy === policy && seen.subject === subject && seen.client === client
    // A condition may count calls.
    const counted = this.#conditional && seen?.calls !== session.calls
    if (this.#standing !== null && same && !counted && !changed && !this.#isDue()) return this.#standing
    this.#seen = { policy, subject, client, calls: session.calls }
    this.#standing = this.#standingNow(policy, subject, asking)
    this.#wakeAtTheNextEnd()
    return this.#standing
  }

  use(grants: readonly string[]): boolean {
    for (const name of grants) {
      const counted = this.#seen?.policy.policy.grants.find((grant) => grant.name === name)?.uses ?? null
      if (counted === null) continue
      const active = this.#active.find((one) => one.name === name)
      this.#standing = null // the last use ends it
      if (active === undefined || !this.#grants.take(active, counted)) return false
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
    if (grant === undefined) return null
    const awaited = this.#options.activations?.awaits(grant.name, seen.policy, seen.subject.subject) ?? null
    return awaited === null ? grantHelp(grant, this.#options.policyFile) : awaitedHelp(grant, awaited)
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
    activations?.review(policy, subject) // first: it is told of as what people did
    const causes = this.#grants.takeUp(activations?.causes() ?? [])
    const why = policy.blocked ?? this.#options.unfit(policy.policy) ?? blocked
    const who = why === null ? subject : null
    const mine = who === null ? [] : this.#grantsFor(who, policy.policy, { ...asking, now })
    this.#active = who === null ? [] : this.#grants.among(mine, policy, who, now)
    const active = this.#active.map(({ name }) => name)
    const offered = mine.flatMap(({ grant }) =>
      grant.listed === 'available' && !active.includes(grant.name) ? [grant] : [],
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
      key: policy.key,
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

  #rulesOf(policy: Policy): StandingRules {
    if (this.#rules?.of !== policy)
      this.#rules = { of: policy, made: new StandingRules(policy, this.#options.server) }
    return this.#rules.made
  }

  #planNextCheck(policy: PolicyNow, claimsEnd: Date | null): void {
    const ms = this.#options.monotonic()
    this.#conditional = grantsOn(policy.policy, this.#options.server).some(({ when }) => when !== null)
    const deadlines = this.#active.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs]))
    this.#checkAtMs = Math.min(
      this.#conditional ? ms + CONDITIONS_MS : Number.POSITIVE_INFINITY,
      ...deadlines,
    )
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

// Of setTimeout: 24.8 days.
const MAX_TIMER_MS = 2 ** 31 - 1

function earliest(dates: readonly (Date | null)[]): Date | null {
  const known = dates.filter((date) => date !== null)
  return known.length === 0 ? null : new Date(Math.min(...known.map((date) => date.getTime())))
}
