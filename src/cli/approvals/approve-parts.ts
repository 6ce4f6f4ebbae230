import type { Approver, ProofKind, Question, ReceiptProof } from '../../approval.ts'
import type { HoopctlError } from '../../errors.ts'
import type { Own } from './examine.ts'
import type { Inbox } from './inbox.ts'

/** A yes that was proven, and by whom, where the proof says it. */
export interface Proven {
  readonly proof: ReceiptProof
  readonly approver: Approver | null
}

/** What the screen works with: `hoopctl approve` opens it, and closes the inbox. */
export interface ApproveParts {
  readonly inbox: Inbox
  /** What an answer is decided by now; without a question, what holds for this person. Asked anew for each answer. */
  readonly own: (question?: Question) => Own
  /** Takes up what changed in the policies that answers are decided by. */
  readonly catchUp: () => Promise<void>
  /** Has the person prove their yes to a challenge; `show` writes to the plain terminal. */
  readonly prove: (
    kind: ProofKind,
    challenge: string,
    show: (text: string) => void,
    question: Question,
  ) => Promise<Proven>
  /** Who answers, as a no is signed with it. */
  readonly name: string
  /** Whose calls the screen shows, and where it looks for them, in words. */
  readonly whose: string
}

/** How a run of the screen ended. `said` is what a run for one call has to tell. */
export type Outcome =
  | { readonly kind: 'quit' }
  | { readonly kind: 'interrupt'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'answered'; readonly said: string }
  | { readonly kind: 'failed'; readonly failure: HoopctlError }
