import type { Approver, ProofKind, ReceiptProof } from '../../approval.ts'
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
  /** What answers are decided by now: asked anew for each answer. */
  readonly own: () => Own
  /** Has the person prove their yes to a challenge; `show` writes to the plain terminal. */
  readonly prove: (kind: ProofKind, challenge: string, show: (text: string) => void) => Promise<Proven>
  /** Who answers, as a no is signed with it. */
  readonly name: string
}
