import type { Question } from '../../approval.ts'
import { sha256 } from '../../digest.ts'
import { parseInstant } from '../../instant.ts'

/** What a question is found by. */
export type Asked = Pick<Question, 'approval' | 'asked'>

/** Where the questions of all are; see `questionName`. */
export const QUESTIONS = 'questions/'
/** Where it is said that questions are over, under their names. */
export const OVER = 'over/'

// The last millisecond with 13 digits is in the year 2286.
const LAST_MS = 9_999_999_999_999

/** Names a question so that the newest is listed first: whoever looks for what is new need not pass by what is old. */
export function questionName({ approval, asked }: Asked): string {
  const at = parseInstant(asked)
  if (at === null) throw new Error('a question’s times are RFC 3339 in UTC')
  return `${nameAt(at)}-${approval}`
}

/** Gives what stands before the names of the questions of that instant. */
export function nameAt(instant: Date): string {
  const left = Math.min(LAST_MS, Math.max(0, LAST_MS - instant.getTime()))
  return String(left).padStart(13, '0')
}

/** Says where the answers to the questions of a device are. */
export function answersFor(device: string): string {
  return `answers/${sha256(device)}/`
}

/** Names an answer by its content, so that nobody can put another in its place unseen. */
export function answerName(question: Asked & Pick<Question, 'device'>, bytes: Uint8Array): string {
  return `${answersFor(question.device)}${questionName(question)}/${sha256(bytes)}.json`
}
