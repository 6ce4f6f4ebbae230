import { type ApprovalGround, forgottenBefore } from './approval-ground.ts'
import type { SealKey } from './activation-row.ts'
import type { MarkedTime } from './clock-mark.ts'
import { type QuestionRow, writeQuestion } from './question-row.ts'
import { type FoundQuestion, isOpen, QuestionRows, type WhichQuestions } from './question-rows.ts'
import type { SharedState } from './shared-state.ts'

/** Reads questions, and writes down on the way which of them are over: those never are open again. */
export class QuestionUpkeep {
  readonly #state: SharedState
  readonly #ground: ApprovalGround
  readonly #key: SealKey
  readonly #rows: QuestionRows

  constructor(state: SharedState, ground: ApprovalGround, key: SealKey) {
    this.#state = state
    this.#ground = ground
    this.#key = key
    this.#rows = new QuestionRows(state, key)
  }

  /** Reads those that are meant, the oldest first; takes microseconds where nobody wrote since. */
  read(which: WhichQuestions, time: MarkedTime): readonly FoundQuestion[] {
    const { found, refused } = this.#rows.look(which)
    if (refused.length === 0 && !found.some((each) => this.#hasRunOut(each, time))) return found
    return this.#state.database.atomically(() => this.#readAndMark(which, time))
  }

  /** Reads one within a step that writes. */
  readAgain(id: string, time: MarkedTime): FoundQuestion | undefined {
    return this.#readAndMark({ id }, time)[0]
  }

  /** Writes a question in place of what was written under its id. */
  write(row: QuestionRow): void {
    writeQuestion(this.#state.database, row, this.#key)
  }

  /** Is there anything that expired so long ago that it is forgotten? */
  hasForgettable(time: MarkedTime): boolean {
    const any = 'SELECT 1 FROM questions WHERE expires < ? LIMIT 1'
    return this.#state.database.get(any, forgottenBefore(time)) !== undefined
  }

  /**
   * Forgets what expired more than 7 days ago, and answers to nothing. A mark of use goes with its question or after it,
   * and nothing can be replayed then: a question that is not there is not claimed.
   */
  forget(time: MarkedTime): void {
    const { database } = this.#state
    const before = forgottenBefore(time)
    database.run('DELETE FROM questions WHERE expires < ?', before)
    database.run(
      'DELETE FROM claims WHERE expires < ? AND approval NOT IN (SELECT id FROM questions)',
      before,
    )
    database.run('DELETE FROM answers WHERE approval NOT IN (SELECT id FROM questions)')
  }

  #readAndMark(which: WhichQuestions, time: MarkedTime): readonly FoundQuestion[] {
    const { found, refused } = this.#rows.lookAgain(which)
    for (const row of refused) this.#ground.refuse('questions', 'id', row, time)
    return found.map((each) => (this.#hasRunOut(each, time) ? this.#end(each, time) : each))
  }

  #hasRunOut({ row, state }: FoundQuestion, time: MarkedTime): boolean {
    return isOpen(state) && this.#ground.isOver(row.expires, row.deadlineMs, time)
  }

  #end(found: FoundQuestion, { setBack }: MarkedTime): FoundQuestion {
    const why = setBack ? 'the clock of this machine was set back' : 'its time is over'
    const row = { ...found.row, state: 'withdrawn', why } as const
    this.write(row)
    return { ...found, row, state: 'withdrawn' }
  }
}
