import type { Answer, Question, Requester } from '../approval.ts'
import { readQuestion } from '../read-approval.ts'
import { approvalOf, keepAnswer, MOST_ANSWERS, readableDenial } from './approval-answers.ts'
import { ApprovalGround, type ApprovalNeeds } from './approval-ground.ts'
import { type Covering, Remembered } from './approval-remembered.ts'
import type { RememberedAnswer } from './approval-remembered-row.ts'
import type { MarkedTime } from './clock-mark.ts'
import { type Claim, newRow, type QuestionRow, type QuestionState } from './question-row.ts'
import { type FoundQuestion, isOpen } from './question-rows.ts'
import { askedOnce, hasShim, isAnswerable, type StartOf } from './question-shim.ts'
import { QuestionUpkeep } from './question-upkeep.ts'
import type { SharedState } from './shared-state.ts'
import { Shims } from './shims.ts'
import { ALIVE, startMark } from './start-mark.ts'

export type { Covering } from './approval-remembered.ts'
export type { RememberedAnswer } from './approval-remembered-row.ts'
export type { QuestionState } from './question-row.ts'

/** A question and what became of it. */
export interface StoredQuestion {
  readonly question: Question
  readonly state: QuestionState
  /** Of the shim that asked. */
  readonly pid: number
  /** In the order in which they came. What proves them is checked by whoever counts them. */
  readonly answers: readonly Answer[]
  readonly claim: Claim | null
  /** Why it was withdrawn. */
  readonly why: string | null
}

/** What uses an approval. */
export interface Use {
  readonly session: string
  readonly exchange: number
  /** Do the answers that are used end with this session? Absent: no. */
  readonly endsWithSession?: boolean
}

/**
 * Questions that wait for people, their answers, the marks of use and the answers that are remembered, shared by all
 * processes. Each question is sealed by the device key with all that became of it: an edited row is removed and told of.
 * The mark of use stands apart as well, and outlives such a removal: an id is claimed once, whatever happens to its row.
 * Both are kept until 7 days after the question expires. What was forgotten then cannot be replayed: its receipt says the
 * same end, under its proof. A row that was seen to be over by the wall clock, its mark or the monotonic clock stays so.
 * Every function throws STATE_UNWRITABLE where the database cannot be read or written: then nothing is approved.
 */
export class Approvals {
  readonly #state: SharedState
  readonly #needs: ApprovalNeeds
  readonly #ground: ApprovalGround
  readonly #questions: QuestionUpkeep
  readonly #remembered: Remembered
  readonly #startOf: StartOf

  constructor(state: SharedState, needs: ApprovalNeeds) {
    this.#state = state
    this.#needs = needs
    this.#ground = new ApprovalGround(state, needs)
    this.#questions = new QuestionUpkeep(state, this.#ground, needs.key)
    this.#remembered = new Remembered(state, this.#ground, needs.key)
    this.#startOf = needs.startOf ?? startMark
  }

  /**
   * Puts a question, of a shim with that process id, and wakes who listens; then it outlives a power cut. An id is used
   * once. Throws STATE_UNWRITABLE also where the clock was set back.
   */
  ask(question: Question, pid: number, now: Date): void {
    const time = this.#ground.beginning(now)
    // What the next reader would take for no question would be refused as edited.
    if (readQuestion(JSON.stringify(question)) === null) throw new Error('this is no question')
    const { database } = this.#state
    const row = newRow(question, { pid, mark: this.#startOf(pid) ?? '' })
    const deadlineMs = this.#ground.deadlineMs(row.expires, time)
    database.durably(() => {
      const id = question.approval
      const taken =
        'SELECT id FROM questions WHERE id = ? UNION ALL SELECT approval FROM claims WHERE approval = ?'
      if (database.get(taken, id, id) !== undefined) throw new Error('a question with this id was put before')
      this.#questions.forget(time) // also answers to this id: whoever wrote them before answered something else
      this.#questions.write({ ...row, deadlineMs })
    })
    this.#state.ring()
  }

  /** Reads one; null where there is none. */
  get(id: string, now: Date): StoredQuestion | null {
    const [found] = this.#questions.read({ id }, this.#ground.time(now))
    return found === undefined ? null : storedOf(found)
  }

  /**
   * Lists what a person may answer now, also where enough did, the oldest first: held ones whose shim still runs, and queued
   * ones. Forgets what expired more than 7 days ago.
   */
  waiting(now: Date): StoredQuestion[] {
    const time = this.#ground.time(now)
    if (this.#questions.hasForgettable(time)) {
      this.#state.database.atomically(() => this.#questions.forget(time))
    }
    const open = this.#questions.read('open', time)
    const startOf = askedOnce(this.#startOf)
    return open.filter((found) => isAnswerable(found, time, startOf)).map(storedOf)
  }

  /**
   * Lists questions about the same call by the same requester on this device that are queued, denied or used, or were held
   * when this machine went down, and not older than their `expires`, the newest first.
   */
  ofCall(call: string, { issuer, sub }: Requester, now: Date): StoredQuestion[] {
    const time = this.#ground.time(now)
    const found = this.#questions.read({ call }, time).filter((each) => {
      const { question, expires } = each.row
      const { requester, device } = question
      if (requester.issuer !== issuer || requester.sub !== sub) return false
      if (device !== this.#needs.key.publicKey || time.now >= expires) return false
      if (each.state === 'held') return this.#wentDown(each, now)
      return each.state !== 'withdrawn'
    })
    return found.map(storedOf).toReversed()
  }

  /** Lets a held question wait without its shim; false where it is not held any more. */
  queue(id: string, now: Date): boolean {
    return this.#change(id, now, ({ row, state }) => (state === 'held' ? { ...row, state: 'queued' } : null))
  }

  /** Ends a held or queued question; false where it is neither any more. */
  withdraw(id: string, why: string, now: Date): boolean {
    return this.#change(id, now, ({ row, state }) =>
      isOpen(state) ? { ...row, state: 'withdrawn', why } : null,
    )
  }

  /**
   * Takes one answer. A denial ends the question unless it was used; an approval is kept beside the others, each proof once.
   * `over` also where the shim of a held question runs no more: its answers count in that session only.
   */
  answer(id: string, answer: Answer, now: Date): 'taken' | 'over' | 'unknown' {
    const time = this.#ground.time(now)
    const { database } = this.#state
    const work = () => {
      const found = this.#questions.readAgain(id, time)
      if (found === undefined || approvalOf(answer) !== id) return 'unknown'
      if (!this.#mayTake(answer, found, time)) return 'over'
      keepAnswer(database, answer.kind === 'deny' ? readableDenial(answer) : answer)
      if (answer.kind === 'deny') this.#questions.write({ ...found.row, state: 'denied' })
      return 'taken'
    }
    const said = endsWithItsSession(answer) ? database.atomically(work) : database.durably(work)
    if (said === 'taken') this.#state.ring()
    return said
  }

  /**
   * Marks the one use of a question, in one step: true for one caller ever, and only while the question is held or queued,
   * not denied, before `expires`. The step outlives a power cut, unless the answers that are used end with the session of a
   * held question: then no power cut leaves anything that could be used again (`ofCall` tells what may have happened).
   */
  claim(id: string, by: Use, now: Date): boolean {
    const { database } = this.#state
    const isBrief = by.endsWithSession === true
    const mark = ({ row, state }: FoundQuestion, time: MarkedTime): QuestionRow | null => {
      if (!isOpen(state) || (isBrief && state !== 'held')) return null
      // Where there is a mark the row is refused before this; if it were not, this would throw.
      const once = 'INSERT INTO claims (approval, expires) VALUES (?, ?)'
      database.run(once, id, row.expires.toISOString())
      const { session, exchange } = by
      return { ...row, state: 'used', claim: { session, exchange, at: time.now, outcome: 'unknown' } }
    }
    return this.#change(id, now, mark, isBrief ? 'atomically' : 'durably')
  }

  /** Notes what became of a claimed call; what was noted first stays. */
  settle(id: string, outcome: 'answered' | 'not-sent', now: Date): void {
    this.#change(id, now, ({ row }) =>
      row.claim?.outcome === 'unknown' ? { ...row, claim: { ...row.claim, outcome } } : null,
    )
  }

  /** Lets an answer cover the same call of one session again. An approval is remembered once. */
  remember(entry: RememberedAnswer, now: Date): void {
    this.#remembered.add(entry, now)
  }

  /** Takes one of the times that an answer covers a call, and tells how many are left then; null where none is. */
  useRemembered(covering: Covering, now: Date): RememberedAnswer | null {
    return this.#remembered.use(covering, now)
  }

  /** Lists what is remembered for sessions whose shim still runs. */
  remembered(now: Date): RememberedAnswer[] {
    const left = this.#remembered.left(now)
    if (left.length === 0) return []
    const running = new Set(new Shims(this.#state, this.#startOf).running().map(({ session }) => session))
    return left.filter(({ session }) => running.has(session))
  }

  /** Ends what is remembered for an approval; false where nothing was left of it. */
  forget(approval: string): boolean {
    return this.#remembered.end(approval)
  }

  // One step, then the bell.
  #change(
    id: string,
    now: Date,
    to: (found: FoundQuestion, time: MarkedTime) => QuestionRow | null,
    how: 'atomically' | 'durably' = 'durably',
  ): boolean {
    const time = this.#ground.time(now)
    const changed = this.#state.database[how](() => {
      const found = this.#questions.readAgain(id, time)
      const row = found === undefined ? null : to(found, time)
      if (row !== null) this.#questions.write(row)
      return row !== null
    })
    if (changed) this.#state.ring()
    return changed
  }

  // Where nobody tells when a process started, another may have its number by now.
  #wentDown(held: FoundQuestion, now: Date): boolean {
    if (!this.#ground.isBeforeStart(held.row.question.asked, now)) return false
    return held.row.mark === ALIVE || !hasShim(held, this.#startOf)
  }

  #mayTake(answer: Answer, found: FoundQuestion, time: MarkedTime): boolean {
    if (answer.kind === 'deny') return isOpen(found.state) && hasShim(found, this.#startOf)
    return isAnswerable(found, time, this.#startOf) && found.answers.length < MOST_ANSWERS
  }
}

// No power cut leaves the session in which it counts, so it need not wait for the disk.
function endsWithItsSession(answer: Answer): boolean {
  return answer.kind === 'approve' && 'session' in answer.receipt.binds
}

function storedOf({ row, state, answers }: FoundQuestion): StoredQuestion {
  const { question, pid, claim, why } = row
  return { question, state, pid, answers, claim, why }
}
