import type { Approver, ProofKind, Question, Receipt, Requester } from '../approval.ts'
import type { Covering, RememberedAnswer, StoredQuestion, Use } from '../state/approvals.ts'

/** What came of looking at a receipt. */
export type CheckedReceipt =
  | {
      readonly ok: true
      readonly approver: Approver
      readonly proof: ProofKind
      /** From then on it counts no longer. */
      readonly until: Date
    }
  | { readonly ok: false; readonly why: string }

/** Where questions are put to people, and where their answers come from. */
export interface ApprovalDesk {
  /** The public key of this device. */
  readonly device: string
  /** Puts a question; false, and told, where it cannot be kept: then nobody can answer it. */
  ask(question: Question): boolean
  get(id: string): StoredQuestion | null
  /** Earlier questions about the same call by the same requester, the newest first. */
  ofCall(call: string, requester: Requester): readonly StoredQuestion[]
  /** From now on nobody waits for the answer, and the same call may come again. */
  queue(id: string): boolean
  withdraw(id: string, why: string): void
  /** Tells people on other machines that nobody need answer any more. */
  over(id: string, how: 'used' | 'denied' | 'withdrawn'): void
  /** Takes the one use that an approval has; false: it was used, denied or withdrawn meanwhile. */
  claim(id: string, by: Use): boolean
  /** Notes what became of the call that was sent. */
  settle(id: string, outcome: 'answered' | 'not-sent'): void
  remember(entry: RememberedAnswer): void
  /** Takes one of the times that an answer was remembered for, if it covers this call; null: none is left. */
  useRemembered(covering: Covering): RememberedAnswer | null
  /** Calls back when an answer may have come; returns how to stop that. */
  onChange(call: () => void): () => void
  /**
   * Checks a receipt against the question that it answers, with the policy of now.
   * @param call the digest that it must be for: of an edited call another than the question's
   */
  check(receipt: Receipt, question: Question, call: string, session: string): Promise<CheckedReceipt>
}
