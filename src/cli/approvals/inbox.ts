import type { Answer, Question } from '../../approval.ts'

/** A call that waits for an answer. */
export interface InboxEntry {
  readonly question: Question
  /** Where it comes from: a shim of this user, or the team's store. */
  readonly from: 'here' | 'team'
  /** `held`: the client's request is still open; `queued`: the call is to be repeated. */
  readonly state: 'held' | 'queued'
  /** What was answered already; to a question of the team’s, what was answered at this screen. */
  readonly answers: readonly Answer[]
  /** The device whose key signed the question, for its subject: pinned on first sight. `own`: this one. */
  readonly device: 'own' | 'known' | 'new' | 'changed'
}

/** An answer that covers the same call again for a while. */
export interface Remembered {
  readonly approval: string
  /** The server as people read it. */
  readonly label: string
  /** What is called. */
  readonly what: string
  /** How often it may still be used. */
  readonly left: number
  readonly until: Date
}

/** How the question about a call ended. */
export interface Ended {
  readonly how: 'approved' | 'denied' | 'used' | 'expired' | 'withdrawn'
  /** Who ended it, as they call themselves; null where it was nobody. */
  readonly by: string | null
  /** Why it ended; absent: `how` says it. */
  readonly why?: string
  /** null: nobody knows. */
  readonly at: Date | null
}

/** The calls that wait for this user, and the way back to whoever asks. */
export interface Inbox {
  waiting(): readonly InboxEntry[]
  remembered(): readonly Remembered[]
  /** Tells how the question with this id ended; null where it has not, or nobody knows of it. */
  ended(approval: string): Ended | null
  /** Calls back after each change of any of the three above; returns what stops that. */
  onChange(call: () => void): () => void
  /** `over`: somebody else was first, or it has ended; `unknown`: nobody asks this. */
  answer(entry: InboxEntry, answer: Answer): Promise<'taken' | 'over' | 'unknown'>
  forget(one: Remembered): void
  close(): void
}
