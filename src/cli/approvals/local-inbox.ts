import type { Answer, Question } from '../../approval.ts'
import { Approvals, type StoredQuestion } from '../../state/approvals.ts'
import type { SealKey } from '../../state/activation-row.ts'
import { ClockMark } from '../../state/clock-mark.ts'
import type { SharedState } from '../../state/shared-state.ts'
import type { Ended, Inbox, InboxEntry, Remembered } from './inbox.ts'
import { isAboutGrants } from './own-grants.ts'

/** The calls that wait on this machine, in the state that the processes of this user share. */
export class LocalInbox implements Inbox {
  readonly #state: SharedState
  readonly #approvals: Approvals
  readonly #now: () => Date

  constructor(state: SharedState, { key, now }: { readonly key: SealKey; readonly now: () => Date }) {
    this.#state = state
    this.#approvals = new Approvals(state, { key, clock: new ClockMark(state) })
    this.#now = now
  }

  waiting(): readonly InboxEntry[] {
    return this.#approvals.waiting(this.#now()).map(({ question, state, answers }) => ({
      question,
      from: 'here',
      state: state === 'held' ? 'held' : 'queued',
      answers,
      device: 'own',
    }))
  }

  remembered(): readonly Remembered[] {
    return this.#approvals.remembered(this.#now())
  }

  ended(approval: string): Ended | null {
    const now = this.#now()
    // Looked at first: what still waits then, and is over when its row is read, says itself how it ended.
    const waits = this.#approvals.waiting(now).some(({ question }) => question.approval === approval)
    const stored = this.#approvals.get(approval, now)
    if (stored === null) return null
    const end = endOf(stored, now)
    // A shim that was killed leaves its question as if somebody held it.
    return end === null && stored.state === 'held' && !waits ? leftAlone(stored.question) : end
  }

  onChange(call: () => void): () => void {
    return this.#state.onBell(call)
  }

  answer({ question }: InboxEntry, answer: Answer): Promise<'taken' | 'over' | 'unknown'> {
    return Promise.resolve(this.#approvals.answer(question.approval, answer, this.#now()))
  }

  forget({ approval }: Remembered): void {
    this.#approvals.forget(approval)
    this.#state.ring()
  }

  close(): void {
    this.#state.close()
  }
}

/** Says how a question ended, as far as its row tells; null while it has not. */
function endOf({ question, state, answers, claim, why }: StoredQuestion, now: Date): Ended | null {
  const no = answers.find((answer) => answer.kind === 'deny')
  if (state === 'denied') return { how: 'denied', by: no?.by ?? null, at: instant(no?.at ?? question.asked) }
  if (state === 'used') return { how: 'used', by: null, at: claim?.at ?? null }
  if (state === 'withdrawn') return { how: 'withdrawn', by: null, ...(why !== null && { why }), at: null }
  const end = instant(question.answerBy)
  return end <= now ? { how: 'expired', by: null, at: end } : null
}

function leftAlone({ method }: Question): Ended {
  const why = isAboutGrants({ method }) ? 'the `hoopctl request` that asked ended' : 'its session ended'
  return { how: 'withdrawn', by: null, why, at: null }
}

function instant(text: string): Date {
  return new Date(text)
}
