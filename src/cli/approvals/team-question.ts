import { type Question } from '../../approval.ts'
import { readQuestion } from '../../read-approval.ts'
import { exactly, matching, oneOf } from '../../shape.ts'
import { parseStrictJson } from '../../strict-json.ts'
import type { NewObject } from './new-objects.ts'
import { readSignedText, type SigningDevice, signedText } from './signed-text.ts'
import { type Asked, OVER, QUESTIONS, questionName } from './team-names.ts'

/** How a question came to its end, as whoever asked it says. */
export const OVERS = ['withdrawn', 'used', 'denied'] as const
export type Over = (typeof OVERS)[number]

/** That a question is over: whose it was, and its name. */
export interface ReadOver {
  readonly device: string
  readonly name: string
  readonly how: Over
}

const isOver = exactly<{ readonly name: string; readonly how: Over }>({
  name: matching(/^\d{13}-A-[0-9A-Z]{8}$/u),
  how: oneOf(...OVERS),
})

/** Writes a question as the object that it is in the store, under its name there. */
export function questionObject(question: Question, device: SigningDevice): NewObject {
  const bytes = signedText('question', JSON.stringify(question), device)
  return { name: `${QUESTIONS}${questionName(question)}.json`, bytes }
}

/**
 * Reads a question of whoever wrote the object; null where it is none, is altered, is another device's than its signature,
 * or stands under the name of another. Its digests are not looked at: who shows it computes them.
 */
export function readTeamQuestion({ name, bytes }: NewObject): Question | null {
  const signed = readSignedText('question', bytes)
  const question = signed === null ? null : readQuestion(signed.text)
  if (question === null || question.device !== signed?.device) return null
  return name === `${QUESTIONS}${questionName(question)}.json` ? question : null
}

/** Writes that a question is over as an object. */
export function overObject(asked: Asked, how: Over, device: SigningDevice): NewObject {
  const name = questionName(asked)
  return { name: `${OVER}${name}.json`, bytes: signedText('over', JSON.stringify({ name, how }), device) }
}

/** Reads that a question of a device is over; null where no device says so. It is as true under another name. */
export function readOver({ bytes }: NewObject): ReadOver | null {
  const signed = readSignedText('over', bytes)
  if (signed === null) return null
  const parsed = parseStrictJson(Buffer.from(signed.text), { fold: true })
  return parsed.ok && isOver(parsed.value) ? { device: signed.device, ...parsed.value } : null
}
