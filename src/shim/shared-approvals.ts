import type { Question, Receipt, Requester } from '../approval.ts'
import { HoopctlError } from '../errors.ts'
import type { Approvals, Covering, RememberedAnswer, StoredQuestion, Use } from '../state/approvals.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { ApprovalDesk, CheckedReceipt } from './approval-desk.ts'

interface Options {
  readonly approvals: Approvals
  /** The public key of this device. */
  readonly device: string
  /** This process, which holds the calls that it asks about. */
  readonly pid: number
  readonly now: () => Date
  readonly check: ApprovalDesk['check']
  /** Carries questions beyond this machine; absent: nothing does. */
  readonly courier?: Courier | undefined
  /** Writes one line for the person who reads stderr. */
  readonly say: (line: string) => void
}

/** What carries questions to people on other machines, and brings their answers into the shared state. */
export interface Courier {
  post(question: Question): void
  /** Nobody need answer any more. */
  over(question: Question, how: 'used' | 'denied' | 'withdrawn'): void
  /** Somebody asks again for what was queued. */
  wake(): void
}

/** Questions and answers in the state that the processes of this user share. What cannot be read or kept is not there. */
export class SharedApprovals implements ApprovalDesk {
  readonly device: string
  readonly #state: SharedState
  readonly #options: Options
  readonly #approvals: Approvals

  constructor(state: SharedState, options: Options) {
    this.device = options.device
    this.#state = state
    this.#options = options
    this.#approvals = options.approvals
  }

  ask(question: Question): boolean {
    const { pid, courier, now, say } = this.#options
    try {
      this.#approvals.ask(question, pid, now())
    } catch (failure) {
      // Whatever is wrong with it, a question that is not kept is one that nobody can answer.
      say(`a question cannot be kept: ${failure instanceof Error ? failure.message : String(failure)}`)
      return false
    }
    courier?.post(question)
    return true
  }

  get(id: string): StoredQuestion | null {
    return this.#kept(null, (now) => this.#approvals.get(id, now))
  }

  ofCall(call: string, requester: Requester): readonly StoredQuestion[] {
    const found = this.#kept([], (now) => this.#approvals.ofCall(call, requester, now))
    if (found.some(({ state }) => state === 'queued')) this.#options.courier?.wake()
    return found
  }

  queue(id: string): boolean {
    return this.#kept(false, (now) => this.#approvals.queue(id, now))
  }

  withdraw(id: string, why: string): void {
    this.over(id, 'withdrawn')
    this.#kept(false, (now) => this.#approvals.withdraw(id, why, now))
  }

  claim(id: string, by: Use): boolean {
    const isOurs = this.#kept(false, (now) => this.#approvals.claim(id, by, now))
    if (isOurs) this.over(id, 'used')
    return isOurs
  }

  over(id: string, how: 'used' | 'denied' | 'withdrawn'): void {
    const { courier } = this.#options
    const stored = courier === undefined ? null : this.get(id)
    if (stored !== null) courier?.over(stored.question, how)
  }

  settle(id: string, outcome: 'answered' | 'not-sent'): void {
    this.#kept(null, (now) => this.#approvals.settle(id, outcome, now))
  }

  remember(entry: RememberedAnswer): void {
    this.#kept(null, (now) => this.#approvals.remember(entry, now))
  }

  useRemembered(covering: Covering): RememberedAnswer | null {
    return this.#kept(null, (now) => this.#approvals.useRemembered(covering, now))
  }

  onChange(call: () => void): () => void {
    return this.#state.onBell(call)
  }

  check(receipt: Receipt, question: Question, call: string, session: string): Promise<CheckedReceipt> {
    return this.#options.check(receipt, question, call, session)
  }

  #kept<T>(otherwise: T, work: (now: Date) => T): T {
    try {
      return work(this.#options.now())
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      this.#options.say(`approvals cannot be kept: ${failure.message} (${failure.hint})`)
      return otherwise
    }
  }
}
