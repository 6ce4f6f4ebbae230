import type { Answer } from '../approval.ts'
import { sha256 } from '../digest.ts'
import { MAX_ANSWER_CHARACTERS, readAnswer } from '../read-approval.ts'
import type { Database } from './database.ts'

/** So many answers to one question are kept and looked at: more people are never wanted, and somebody may write rows without end. */
export const MOST_ANSWERS = 50

/** No UTF-16 code unit takes more bytes in UTF-8. */
const BYTES_EACH = 3

/** So many characters of a denial are kept. */
const SHOWN = 4000

/** Answers as they were read, and from what. */
export interface ReadAnswers {
  readonly texts: readonly unknown[]
  readonly answers: readonly Answer[]
}

/**
 * Reads the answers to a question in the order in which they came. Anyone may have written them, and what is none is passed
 * over: what proves an answer is checked by whoever counts it.
 * @param known what was read before: the same texts are not read twice
 */
export function answersTo(database: Database, approval: string, known: ReadAnswers | undefined): ReadAnswers {
  const rows = database.all(
    // What is longer is not even fetched. Not `length`, which ends at a NUL.
    'SELECT answer FROM answers WHERE approval = ? AND octet_length(answer) <= ? ORDER BY number LIMIT ?',
    approval,
    MAX_ANSWER_CHARACTERS * BYTES_EACH,
    MOST_ANSWERS,
  )
  const texts = rows.map(({ answer }) => answer)
  const isKnown =
    texts.length === known?.texts.length && texts.every((each, index) => each === known.texts[index])
  if (isKnown) return known
  const read = texts.map((answer) => (typeof answer === 'string' ? readAnswer(answer) : null))
  const answers = read.filter((answer) => answer !== null).filter((answer) => approvalOf(answer) === approval)
  return { texts, answers }
}

/** Keeps an answer beside the others; the same one is not kept twice. Throws where it is no answer. */
export function keepAnswer(database: Database, answer: Answer): void {
  const text = JSON.stringify(answer)
  if (readAnswer(text) === null) throw new Error('this is no answer')
  database.run(
    'INSERT INTO answers (approval, proof, answer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    approvalOf(answer),
    proofOf(answer),
    text,
  )
}

/** Cuts from a denial what would make it unreadable: it must not fail for the words that came with it. */
export function readableDenial(answer: Answer & { readonly kind: 'deny' }): Answer {
  const { by, message } = answer
  const short = {
    by: by.slice(0, SHOWN).toWellFormed(),
    message: message?.slice(0, SHOWN).toWellFormed() ?? null,
  }
  return { ...answer, ...short }
}

/** Tells which approval an answer is to. */
export function approvalOf(answer: Answer): string {
  return answer.kind === 'deny' ? answer.approval : answer.receipt.approval
}

// All that the proof does not cover as well, but for the issuer's key beside the token: else a copy that was made wrong
// would keep the right one out.
function proofOf(answer: Answer): string {
  if (answer.kind === 'deny') return 'deny'
  const { proof, ...rest } = answer.receipt
  const own = proof.kind === 'oidc' ? proof.idToken : proof.signature
  return `${proof.kind} ${sha256(JSON.stringify({ ...rest, own }))}`
}
