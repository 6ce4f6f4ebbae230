import type { Question, Receipt } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import { missingAnswers } from '../../policy/answers-met.ts'
import type { ApprovalDesk, CheckedReceipt } from '../../shim/approval-desk.ts'
import type { StoredQuestion } from '../../state/approvals.ts'

/** What waiting for answers needs. */
export interface Awaiting {
  get(approval: string): StoredQuestion | null
  readonly check: ApprovalDesk['check']
  readonly now: () => Date
  readonly news: Waiting
}

/** How somebody waits. */
export interface Waiting {
  /** Resolves when there may be something new, and at the latest after a second. */
  next(): Promise<void>
  /** Is told each time how long there is, in milliseconds. */
  left(ms: number): void
  /** Writes one line for the person who waits. */
  say(line: string): void
  /** Throws where nobody waits any more. */
  goOn(): void
}

const CHECK_AGAIN_MS = 3000

/** What was found of a receipt; a number: it could not be checked, and is looked at again then, in milliseconds since 1970. */
type Found = CheckedReceipt | number

/**
 * Waits until enough people have agreed, and gives their receipts; one that does not hold is told of and counts for
 * nothing. Throws APPROVAL_DENIED, and APPROVAL_OVER where the time is up or somebody ended the question.
 */
export async function awaitAnswers(question: Question, awaiting: Awaiting): Promise<readonly Receipt[]> {
  const found = new Map<string, Found>()
  for (;;) {
    awaiting.news.goOn()
    const left = Date.parse(question.answerBy) - awaiting.now().getTime()
    const receipts = receiptsOf(question, awaiting)
    await checkNew(receipts, question, found, awaiting)
    const good = receipts.filter((receipt) => holds(found.get(JSON.stringify(receipt)), awaiting.now()))
    if (isEnough(good, question, found)) return good
    if (left <= 0) throw over(question, 'its time is over, and too few people have agreed')
    awaiting.news.left(left)
    await awaiting.news.next()
  }
}

function receiptsOf(question: Question, awaiting: Awaiting): readonly Receipt[] {
  const stored = awaiting.get(question.approval)
  if (stored === null) throw over(question, 'it is gone from the shared state')
  const no = stored.answers.find((answer) => answer.kind === 'deny')
  if (no !== undefined) {
    const says = no.message === null ? '' : `: ${no.message}`
    const hint = 'talk to them before you ask again'
    throw new HoopctlError('APPROVAL_DENIED', `${question.approval} was denied by ${no.by}${says}`, { hint })
  }
  if (stored.state !== 'held') throw over(question, `it was ended: ${stored.why ?? stored.state}`)
  return stored.answers.flatMap((answer) => (answer.kind === 'approve' ? [answer.receipt] : []))
}

async function checkNew(
  receipts: readonly Receipt[],
  question: Question,
  found: Map<string, Found>,
  { check, now, news }: Awaiting,
): Promise<void> {
  for (const receipt of receipts) {
    const key = JSON.stringify(receipt)
    const known = found.get(key)
    if (typeof known === 'object' || (known !== undefined && now().getTime() < known)) continue
    try {
      const checked = await check(receipt, question, question.call, question.session)
      found.set(key, checked)
      if (!checked.ok) news.say(`an answer to ${question.approval} does not count: ${checked.why}`)
    } catch (failure) {
      // The issuer cannot be asked for its keys now: until it can, the receipt says nothing.
      if (!(failure instanceof HoopctlError)) throw failure
      if (known === undefined)
        news.say(`an answer to ${question.approval} cannot be checked yet: ${failure.message}`)
      found.set(key, now().getTime() + CHECK_AGAIN_MS)
    }
  }
}

function holds(found: Found | undefined, now: Date): boolean {
  return typeof found === 'object' && found.ok && now < found.until
}

function isEnough(
  good: readonly Receipt[],
  { demand, requester }: Question,
  found: ReadonlyMap<string, Found>,
): boolean {
  const answers = good.flatMap((receipt) => {
    const checked = found.get(JSON.stringify(receipt))
    return typeof checked === 'object' && checked.ok ? [checked] : []
  })
  return missingAnswers(demand, requester, answers).length === 0
}

function over({ approval }: Question, why: string): HoopctlError {
  return new HoopctlError('APPROVAL_OVER', `${approval} was not agreed to: ${why}`, { hint: 'ask again' })
}
