import type { Question } from '../../approval.ts'
import { durationInWords } from '../duration.ts'
import type { InboxEntry } from '../approvals/inbox.ts'

/** Gives how long a call waits still: a held one until its client is answered, a queued one as long as it lives. */
export function leftMs({ question, state }: InboxEntry, now: Date): number {
  const end = state === 'held' ? question.heldUntil : question.answerBy
  return Math.max(0, Date.parse(end) - now.getTime())
}

/** Writes it in few characters: `42s`, `28m`. */
export function shortTime(ms: number): string {
  return durationInWords(ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000).split(' ')[0] ?? ''
}

/** Says how long ago it was asked, by the clock of whoever asks. */
export function age({ asked }: Question, now: Date): string {
  const ms = now.getTime() - Date.parse(asked)
  return ms < 0 ? 'now' : `${shortTime(ms)} ago`
}
