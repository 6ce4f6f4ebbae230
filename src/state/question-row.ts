import type { Question } from '../approval.ts'
import { parseInstant } from '../instant.ts'
import { readQuestion } from '../read-approval.ts'
import type { SealKey } from './activation-row.ts'
import { SealedRows, type Texts } from './approval-seal.ts'
import type { Database, Row } from './database.ts'

/** held: a shim holds the client's request open; queued: nobody waits, the same call may come again; withdrawn, denied: over; used: claimed. */
export type QuestionState = 'held' | 'queued' | 'withdrawn' | 'denied' | 'used'

/** Who used an answer, and what became of the call: unknown until somebody knows. */
export interface Claim {
  readonly session: string
  readonly exchange: number
  readonly at: Date
  readonly outcome: 'unknown' | 'answered' | 'not-sent'
}

/** What a question's row says. */
export interface QuestionRow {
  readonly question: Question
  /** Its end, and that of the time in which it may be answered. */
  readonly expires: Date
  readonly answerBy: Date
  readonly state: QuestionState
  /** Of the shim that asked. */
  readonly pid: number
  /** When that process started, in whatever words; '' where there was none. */
  readonly mark: string
  /** When the question expires by the clock that nobody sets, in milliseconds since this machine was started. */
  readonly deadlineMs: number
  /** Why it was withdrawn. */
  readonly why: string | null
  readonly claim: Claim | null
}

const COLUMNS = [
  ...(['id', 'call', 'asked', 'expires', 'question', 'state', 'pid', 'mark', 'deadline', 'why'] as const),
  'claim' as const,
]
type Column = (typeof COLUMNS)[number]

const ROWS = new SealedRows<Column>('questions', COLUMNS)

/** Makes the row of a question that is put now; it still needs its deadline. */
export function newRow(
  question: Question,
  shim: Pick<QuestionRow, 'pid' | 'mark'>,
): Omit<QuestionRow, 'deadlineMs'> {
  const times = { expires: instantOf(question.expires), answerBy: instantOf(question.answerBy) }
  return { question, ...times, state: 'held', ...shim, why: null, claim: null }
}

/** Writes a question with its seal, in place of what was written under its id. */
export function writeQuestion(database: Database, row: QuestionRow, key: SealKey): void {
  const { question, state, pid, mark, deadlineMs, why, claim, expires } = row
  const texts: Texts<Column> = {
    id: question.approval,
    call: question.call,
    // So that texts sort as instants do: `…:00Z` stands after `…:00.500Z`.
    asked: instantOf(question.asked).toISOString(),
    expires: expires.toISOString(),
    question: JSON.stringify(question),
    state,
    pid: String(pid),
    mark,
    deadline: String(deadlineMs),
    why: why === null ? null : why.toWellFormed(), // SQLite stores UTF-8, which has no lone surrogates
    claim: claim === null ? null : JSON.stringify(claim),
  }
  ROWS.write(database, texts, key)
}

/** Reads a question; null where its seal does not fit, because somebody changed what the row says. */
export function readQuestionRow(row: Row, key: SealKey): QuestionRow | null {
  const texts = ROWS.read(row, key)
  const question = readQuestion(texts?.question ?? '')
  // An older hoopctl's question may lack what this one must know: then it is no question any more.
  if (texts === null || question === null) return null
  return {
    question,
    expires: instantOf(question.expires),
    answerBy: instantOf(question.answerBy),
    state: texts.state as QuestionState, // under the seal
    pid: Number(texts.pid),
    mark: texts.mark ?? '',
    deadlineMs: Number(texts.deadline),
    why: texts.why,
    claim: texts.claim === null ? null : claimOf(texts.claim),
  }
}

// Under the seal, so its shapes hold.
function claimOf(text: string): Claim {
  const { at, ...claim } = JSON.parse(text) as Claim & { readonly at: string }
  return { ...claim, at: new Date(at) }
}

// A question has no time that is none: see `readQuestion`.
function instantOf(text: string): Date {
  const instant = parseInstant(text)
  if (instant === null) throw new Error('a question’s times are RFC 3339 in UTC')
  return instant
}
