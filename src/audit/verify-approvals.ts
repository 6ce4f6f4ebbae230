import type { Receipt } from '../approval.ts'
import { readAnswer } from '../read-approval.ts'
import { visible } from '../visible.ts'
import { type LogRecord, numberOf, textOf } from './log-record.ts'
import type { CheckedHeader } from './verify-header.ts'
import { type CheckedLine, isDigest } from './verify-line.ts'
import { type RecordedQuestion, receiptFault, type TokenCheck } from './verify-receipt.ts'

/** What a log has told so far of one approval. */
interface Told {
  readonly question: RecordedQuestion
  /** The digest of the call that was approved; null: none was. */
  approved: string | null
  /** How many calls its receipts may cover in all, and how many were sent by them. */
  covers: number
  sent: number
  /** The exchange whose call may be sent next. */
  next: number | null
}

/**
 * Checks, line by line, that no call was sent by an approval that the log does not prove: each decision that names one
 * follows its receipts, which are verified again as of then.
 */
export class VerifiedApprovals {
  readonly #header: CheckedHeader
  readonly #checkToken: TokenCheck
  readonly #told = new Map<string, Told>()

  constructor(header: CheckedHeader, checkToken: TokenCheck) {
    this.#header = header
    this.#checkToken = checkToken
  }

  /** Takes the next record; gives what is wrong with it, as the end of a sentence that begins with it, or null. */
  take({ kind, at, record }: CheckedLine): string | null {
    if (kind === 'decision') return this.#takeDecision(record)
    if (kind !== 'approval') return null
    const id = textOf(record, 'approval')
    if (id === null) return 'does not say of which approval it is'
    switch (textOf(record, 'state') ?? '') {
      case 'waiting':
        return this.#takeQuestion(id, record, at)
      case 'approved':
        return this.#takeReceipt(id, record, at)
      case 'remembered':
        return this.#takeRemembered(id, record)
      default:
        return null
    }
  }

  #takeQuestion(id: string, record: LogRecord, at: string): string | null {
    const { call, challenge } = record
    if (!isDigest(call) || !isDigest(challenge)) return 'is a question without a valid `call` and `challenge`'
    const earlier = this.#told.get(id)?.question
    if (earlier === undefined) {
      // A repetition of what another session asked has no `heldUntil`, and was asked before.
      const asked = textOf(record, 'heldUntil') === null ? null : at
      const { session, device } = this.#header
      const question = { call, challenge, asked, session, device }
      this.#told.set(id, { question, approved: null, covers: 0, sent: 0, next: null })
      return null
    }
    const isSame = earlier.call === call && earlier.challenge === challenge
    return isSame ? null : `asks something else than before under the name of approval ${visible(id)}`
  }

  #takeReceipt(id: string, record: LogRecord, at: string): string | null {
    const told = this.#told.get(id)
    if (told === undefined)
      return `holds a receipt of approval ${visible(id)}, which nothing before it asks for`
    const receipt = readReceipt(record['receipt'])
    if (receipt === null || receipt.approval !== id)
      return `holds no valid receipt of approval ${visible(id)}`
    const fault = receiptFault({ receipt, by: record['by'], at }, told.question, this.#checkToken)
    if (fault !== null) return `holds a receipt that ${fault}`
    if (told.approved !== null && told.approved !== receipt.call) return 'holds a receipt for another call'
    // Where several people were needed, a yes to one call is none to more, whatever the others said.
    const covers = receipt.remember?.count ?? 1
    told.covers = told.approved === null ? covers : Math.min(told.covers, covers)
    told.approved = receipt.call
    told.next = told.sent === 0 ? numberOf(record, 'exchange') : null
    return null
  }

  #takeRemembered(id: string, record: LogRecord): string | null {
    const told = this.#told.get(id)
    if (told === undefined || told.approved === null || told.approved !== record['call']) {
      return `uses an answer again that nobody gave before it: approval ${visible(id)} of this call`
    }
    told.next = numberOf(record, 'exchange')
    return null
  }

  #takeDecision(record: LogRecord): string | null {
    const id = textOf(record, 'approval')
    if (textOf(record, 'effect') !== 'allow' || id === null) return null
    const told = this.#told.get(id)
    if (told === undefined || told.next === null || told.next !== numberOf(record, 'exchange')) {
      return `lets a call pass by approval ${visible(id)}, and no receipt before it says so`
    }
    if (told.sent >= told.covers) {
      return `lets a call pass by approval ${visible(id)}, which covers no more calls`
    }
    told.sent += 1
    told.next = null
    return null
  }
}

function readReceipt(value: unknown): Receipt | null {
  const answer = readAnswer(JSON.stringify({ kind: 'approve', receipt: value }))
  return answer?.kind === 'approve' ? answer.receipt : null
}
