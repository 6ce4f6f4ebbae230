import { recordOf, type LogRecord, type TextRecord, textOf } from '../log-record.ts'
import type {
  AnswerText,
  Asked,
  Circumstances,
  Ended,
  ExportedCall,
  Outcome,
  SessionFacts,
} from './exported-call.ts'
import { answerIn, countOf, isErrorIn } from './read-facts.ts'

/** An exchange while its log is read: what was asked, and what the records behind it have told so far. */
export class OpenExchange {
  readonly #session: SessionFacts
  readonly #circumstances: Circumstances
  readonly #asked: Asked
  readonly #approvers: string[] = []
  readonly #proofs: string[] = []
  #approval: string | null = null
  #approvalState: string | null = null
  #edited: string | null = null
  #decided: string | null = null
  #outcomeWhy: string | null = null
  /** How many bytes of the log it holds in memory. */
  readonly bytes: number

  constructor(session: SessionFacts, circumstances: Circumstances, asked: Asked, bytes: number) {
    this.#session = session
    this.#circumstances = circumstances
    this.#asked = asked
    this.bytes = bytes
  }

  /** Says whether no answer of the other side can come any more: it was refused, or the client told to come again. */
  get isOver(): boolean {
    return (this.#decided ?? this.#asked.effect) === 'deny' || this.#decided === 'ask'
  }

  /** Takes an `approval` record: what became of the question. */
  takeApproval(record: LogRecord): void {
    this.#approval = textOf(record, 'approval') ?? this.#approval
    const state = textOf(record, 'state')
    // That somebody else's receipt does not hold changes nothing about the question.
    if (state === 'refused') return
    this.#approvalState = state
    if (state !== 'approved' && state !== 'denied') return
    const by = recordOf(record, 'by')
    const name = textOf(by, 'email') ?? textOf(by, 'sub') ?? textOf(record, 'by')
    if (name !== null) this.#approvers.push(name)
    const receipt = recordOf(record, 'receipt')
    const proof = textOf(recordOf(receipt, 'proof'), 'kind')
    if (proof !== null) this.#proofs.push(proof)
    this.#edited = textOf(recordOf(receipt, 'edited'), 'arguments') ?? this.#edited
  }

  /** Takes a `decision` record: whether it is sent after all. */
  takeDecision(record: LogRecord): void {
    this.#decided = textOf(record, 'effect')
    this.#outcomeWhy = textOf(record, 'why')
    this.#approval = textOf(record, 'approval') ?? this.#approval
  }

  /** Ends it with the answer that the log holds. */
  answered(response: TextRecord): ExportedCall {
    const { record } = response
    return this.#ended(this.#outcome(textOf(record, 'from') ?? '?'), answerIn(response), {
      answeredAt: textOf(record, 'at'),
      tookUs: countOf(record, 'tookUs'),
      isError: isErrorIn(response),
      resultBytes: countOf(record, 'bytes'),
      resultSha256: textOf(record, 'sha256'),
    })
  }

  /** Ends it without an answer. */
  unanswered(): ExportedCall {
    const none = { answeredAt: null, tookUs: null, isError: null, resultBytes: null, resultSha256: null }
    return this.#ended(this.#outcome(null), null, none)
  }

  // What hoopctl itself answered tells the client only that there is no answer.
  #outcome(answeredBy: string | null): Outcome {
    if (answeredBy !== null && answeredBy !== 'hoopctl') return 'answered'
    const effect = this.#decided ?? this.#asked.effect
    if (effect === 'deny') return 'denied'
    if (effect !== 'ask') return 'unanswered'
    return this.#decided === 'ask' || this.#approvalState === 'queued' ? 'queued' : 'waiting'
  }

  #ended(
    outcome: Outcome,
    answer: AnswerText | null,
    told: Pick<Ended, 'answeredAt' | 'tookUs' | 'isError' | 'resultBytes' | 'resultSha256'>,
  ): ExportedCall {
    const ended = {
      outcome,
      outcomeWhy: this.#outcomeWhy,
      approval: this.#approval,
      approvalState: this.#approvalState,
      approvers: this.#approvers,
      proofs: this.#proofs,
      edited: this.#edited,
      ...told,
    }
    const [session, circumstances, asked] = [this.#session, this.#circumstances, this.#asked]
    return { session, circumstances, asked, ended, answer }
  }
}
