import { isUtf8 } from 'node:buffer'
import type { Answer } from '../../approval.ts'
import { MAX_ANSWER_CHARACTERS, readAnswer } from '../../read-approval.ts'
import type { NewObject } from './new-objects.ts'
import { type Asked, answerName } from './team-names.ts'

/** A longer object is no answer: a character may take three bytes. */
export const MOST_ANSWER_BYTES = MAX_ANSWER_CHARACTERS * 3

/** Writes an answer to a question as the object that it is in the store. */
export function answerObject(question: Asked & { readonly device: string }, answer: Answer): NewObject {
  const bytes = Buffer.from(JSON.stringify(answer))
  return { name: answerName(question, bytes), bytes }
}

/**
 * Reads an answer of whoever wrote the object; null where it is none, was altered, or is to another question. That somebody
 * says yes in it is their word: its proof is not looked at.
 */
export function readTeamAnswer(
  { name, bytes }: NewObject,
  question: Asked & { readonly device: string },
): Answer | null {
  if (name !== answerName(question, bytes) || !isUtf8(bytes)) return null
  const answer = readAnswer(Buffer.from(bytes).toString())
  if (answer === null) return null
  const { approval, device } = question
  if (answer.kind === 'deny') return answer.approval === approval ? answer : null
  return answer.receipt.approval === approval && answer.receipt.device === device ? answer : null
}
