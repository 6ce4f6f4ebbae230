import type { Activation } from '../activation.ts'
import type { Policy } from '../policy/policy.ts'
import type { Subject } from '../subject.ts'
import type { Blocked } from './standing.ts'

/** What an authority is made of: each says how things stand now, and tells when they may stand otherwise. */
interface Feed {
  /** Calls back when `current` may say something else; returns how to stop that. */
  onChange(call: () => void): () => void
}

/** The policy in force. */
export interface PolicyFeed extends Feed {
  /** The same object as long as nothing changed. */
  current(): PolicyNow
}

export interface PolicyNow {
  readonly policy: Policy
  /** Which policy gives activations: `trust:DIGEST/NAME`, by the pinned trust document, or `file:` and the path. */
  readonly key: string
  /** Not null once the policy has ended, or was not confirmed for too long: then nothing is allowed. */
  readonly blocked: Blocked | null
  /** When it ends by itself, as far as is known. */
  readonly ends: Date | null
  /** When a newer one may come; null: never. */
  readonly refreshes: Date | null
}

/** Who is asking. */
export interface SubjectFeed extends Feed {
  current(policy: Policy): SubjectNow
}

export interface SubjectNow {
  /** null: nobody is signed in, and `blocked` says what helps. */
  readonly subject: Subject | null
  readonly blocked: Blocked | null
  /** When the claims count no longer unless the provider answers again. */
  readonly ends: Date | null
}

/** What was requested, revoked and used, by all processes of this user. */
export interface ActivationFeed extends Feed {
  /** Did any process change something since the last question? Asked before each decision. */
  changed(): boolean
  /**
   * Ends what the policy, or the groups of whoever asks, no longer give. Asked whether or not anything is allowed now: what was
   * taken away while all was denied does not come back.
   */
  review(policy: PolicyNow, subject: Subject | null): void
  /** The activations that hold now: sealed by this device, proven as the policy wants it, not ended. */
  live(policy: PolicyNow, subject: Subject): readonly Activation[]
  /** Says why an activation of a grant that is live does not hold yet: nobody could check its proof. null: there is none. */
  awaits(grant: string, policy: PolicyNow, subject: Subject): string | null
  /** Tells how many calls an activation has let through, over all shims. */
  used(id: string): number
  /** The time that it is at least, by a clock that nobody sets and that runs since the activation was made; null: unknown. */
  timeSince(id: string): Date | null
  /** Takes one use of an activation, of as many as the policy gives now; false: none was left. */
  use(id: string, most: number): boolean
  /** The clock, never before what any process has seen. */
  mark(now: Date): Date
  /** What people did since the last question, for `context` records. */
  causes(): readonly HappenedEvent[]
}

/** Something that a person did elsewhere, or that was refused. */
export interface HappenedEvent {
  /** `request orders-write: INC-2211`, `sign-in`, … */
  readonly text: string
  /** The grant that was revoked, `*` for all; null: nothing was. */
  readonly revoked: string | null
}
