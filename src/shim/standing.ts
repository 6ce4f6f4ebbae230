import type { Call, Circumstances } from '../decision.ts'
import type { Policy } from '../policy/policy.ts'
import type { RulesInForce } from '../policy/rules-in-force.ts'
import type { Subject } from '../subject.ts'

/** A grant that is active now, as records tell it. */
export interface ActiveGrant {
  readonly name: string
  readonly mode: 'session' | 'request'
  readonly started: Date
  readonly expires: Date | null
  readonly reason: string | null
}

/** Why nothing at all is allowed, and what a person types. */
export interface Blocked {
  /** One clause, as in a denial: `nobody is signed in`. */
  readonly why: string
  /** One sentence: `A person can sign in with: hoopctl login`. */
  readonly help: string
}

/** Who is asking and what holds at one moment. Immutable: a change is another standing. */
export interface Standing {
  readonly policy: Policy
  /** Which policy that is, as activations name it. */
  readonly key: string
  /** null: nobody is signed in. */
  readonly subject: Subject | null
  readonly grants: readonly ActiveGrant[]
  /** What calls are decided by. */
  readonly rules: RulesInForce
  /** What lists show: also what grants give that the subject may activate. */
  readonly listed: RulesInForce
  /** What anybody could ever get under this policy: what capabilities are kept for. */
  readonly possible: RulesInForce
  /** null: rules decide. */
  readonly blocked: Blocked | null
  /** When lists may change without anybody doing anything: the next known end; null: none is known. */
  readonly until: Date | null
  /** What people did that led to it, for the `context` record: `sign-in`, `request orders-write`, …; null: nothing. */
  readonly cause: string | null
}

/** Which client asks, in which session: a grant may depend on it. */
export type Asking = Pick<Circumstances, 'client' | 'session'>

/** Says who is asking and what holds: asked before each message, told when a sleeper should look. */
export interface Authority {
  /** The standing of this moment, the same object as long as nothing changed. Costs microseconds where nothing did. */
  current(asking: Asking): Standing
  /** Takes a use of each of these grants that counts them; false: one has none left, and the call is decided again. */
  use(grants: readonly string[]): boolean
  /** What a person types to get what was refused, one sentence; null: nothing but another policy helps. */
  helpFor(call: Call, circumstances: Circumstances): string | null
  /** Calls back when something may have changed; returns how to stop that. */
  onChange(call: () => void): () => void
  /** Loads what the policy's conditions need, and what asking needs; null: nothing is missing. */
  readonly ready: (() => Promise<void>) | null
}
