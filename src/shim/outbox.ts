import type { MeasuredMessage, WholeMessage } from '../audit/payload.ts'
import type { SessionLog } from '../audit/session-log.ts'
import type { RecordBody } from '../records.ts'

/** What one message leads to: a record, and what is sent once that record is written. */
export interface Staged {
  /** `answer`: its record has room kept for it, and withholding it must be told. `message`: anything else. */
  readonly kind: 'message' | 'answer'
  readonly deliver: () => void
  /** Runs instead of `deliver` where the record could not be written. */
  readonly withhold: () => void
}

/** The message that a record is about. */
export type Recorded = WholeMessage | MeasuredMessage

/**
 * Holds back what the messages of one chunk lead to until their records are written, all in one write (docs/design.md,
 * invariant 4). What could not be recorded is not sent.
 */
export class Outbox {
  readonly #log: SessionLog
  #staged: Staged[] = []
  #pending = false

  constructor(log: SessionLog) {
    this.#log = log
  }

  /** Stages a record and what follows it, in the order of the calls. */
  stage(body: RecordBody, recorded: Recorded | null, staged: Staged): void {
    this.#append(body, recorded)
    this.#staged.push(staged)
  }

  /** Stages a record that nothing follows: a line that was refused, a change of context. */
  note(body: RecordBody, recorded: Recorded | null): void {
    this.#append(body, recorded)
  }

  /** Writes the staged records, then sends. What is withheld may stage more, which is settled as well. */
  settle(): void {
    while (this.#pending) {
      this.#pending = false
      const written = this.#log.commit()
      const staged = this.#staged
      this.#staged = []
      for (const one of staged) {
        if (written === 'all' || (written === 'answers' && one.kind === 'answer')) one.deliver()
        else one.withhold()
      }
    }
  }

  #append(body: RecordBody, recorded: Recorded | null): void {
    this.#pending = true
    if (recorded === null) this.#log.append(body)
    else this.#log.append(body, recorded)
  }
}
