import type { Answer } from '../approval.ts'
import type { SealKey } from './activation-row.ts'
import { answersTo, type ReadAnswers } from './approval-answers.ts'
import type { Row } from './database.ts'
import { type QuestionRow, type QuestionState, readQuestionRow } from './question-row.ts'
import type { SharedState } from './shared-state.ts'

/** A question with the answers to it. */
export interface FoundQuestion {
  readonly row: QuestionRow
  /** A denial that stands among the answers counts, whatever the row says: it needs no proof. */
  readonly state: QuestionState
  readonly answers: readonly Answer[]
}

/** What was found, and the rows whose seal does not fit. */
export interface LookedUp {
  readonly found: readonly FoundQuestion[]
  readonly refused: readonly Row[]
}

/** Which questions: one, those of a call, or those that wait. */
export type WhichQuestions = { readonly id: string } | { readonly call: string } | 'open'

const ALL = `SELECT questions.*, claims.approval IS NOT NULL AS claimed FROM questions
             LEFT JOIN claims ON claims.approval = questions.id`

/** So much is kept at most; a shim asks about a few. */
const MOST_KEPT = 1000

/**
 * Reads questions. What was found is kept until somebody writes: it is asked for before each decision, and looking whether
 * anybody wrote takes a few microseconds, a seal a hundred.
 */
export class QuestionRows {
  readonly #state: SharedState
  readonly #key: SealKey
  #seen = ''
  readonly #kept = new Map<string, LookedUp>()
  /** What was verified and read, by id: most rows are as they were when they were last read. */
  readonly #verified = new Map<string, { readonly row: Row; readonly read: QuestionRow }>()
  readonly #answers = new Map<string, ReadAnswers>()

  constructor(state: SharedState, key: SealKey) {
    this.#state = state
    this.#key = key
  }

  /** Looks them up, the oldest first. */
  look(which: WhichQuestions): LookedUp {
    const now = this.#written()
    if (now !== this.#seen || this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#seen = now
    const name = JSON.stringify(which)
    const kept = this.#kept.get(name)
    if (kept !== undefined) return kept
    const looked = this.lookAgain(which)
    this.#kept.set(name, looked)
    return looked
  }

  /** Looks them up without a thought of what was found before: within a step that writes, which may yet be undone. */
  lookAgain(which: WhichQuestions): LookedUp {
    const looked: { found: FoundQuestion[]; refused: Row[] } = { found: [], refused: [] }
    for (const row of this.#rows(which)) {
      const read = this.#read(row)
      if (read === null) looked.refused.push(row)
      else looked.found.push(this.#withAnswers(read))
    }
    return looked
  }

  #withAnswers(row: QuestionRow): FoundQuestion {
    const id = row.question.approval
    const read = answersTo(this.#state.database, id, this.#answers.get(id))
    this.#answers.set(id, read)
    const { answers } = read
    const isDenied = isOpen(row.state) && answers.some(({ kind }) => kind === 'deny')
    return { row, state: isDenied ? 'denied' : row.state, answers }
  }

  #rows(which: WhichQuestions): Row[] {
    const { database } = this.#state
    const order = 'ORDER BY asked, id'
    if (which === 'open') return database.all(`${ALL} WHERE state IN ('held', 'queued') ${order}`)
    if ('id' in which) return database.all(`${ALL} WHERE id = ?`, which.id)
    return database.all(`${ALL} WHERE call = ? ${order}`, which.call)
  }

  #read(row: Row): QuestionRow | null {
    const id = String(row['id'])
    const known = this.#verified.get(id)
    const isKnown = known !== undefined && Object.keys(row).every((name) => row[name] === known.row[name])
    const read = isKnown ? known.read : readQuestionRow(row, this.#key)
    // Somebody put back what the row said before its answer was used.
    if (read === null || (row['claimed'] === 1 && read.state !== 'used')) return null
    if (this.#verified.size >= MOST_KEPT) this.#forget()
    this.#verified.set(id, { row, read })
    return read
  }

  #forget(): void {
    this.#verified.clear()
    this.#answers.clear()
  }

  // What others wrote, and what this connection did.
  #written(): string {
    const { database } = this.#state
    const own = database.get('SELECT total_changes() AS own')?.['own']
    return `${database.version()} ${String(own)}`
  }
}

/** Tells whether a question may still be answered or used, as far as its state goes. */
export function isOpen(state: QuestionState): state is 'held' | 'queued' {
  return state === 'held' || state === 'queued'
}
