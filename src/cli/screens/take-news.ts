import type { Examined } from '../approvals/examine.ts'
import type { Ended } from '../approvals/inbox.ts'
import { foreignText } from './foreign-text.ts'
import { callInFocus, type News, type Next, type Notice, type ScreenState } from './state.ts'
import { fit } from './width.ts'

/**
 * Takes what waits now. The call in focus stays in focus, wherever the list has it now; where it is over, the screen says
 * how, and goes on to the one that took its place. A call that comes never takes the focus from another.
 */
export function takeNews(state: ScreenState, news: News): Next {
  const { calls, remembered } = news
  const row = Math.max(0, Math.min(state.row, remembered.length - 1))
  const next = { ...state, calls, remembered, row }
  if (callInFocus(next) !== null) return { state: next, effect: null }
  const gone = callInFocus(state)?.entry.question.approval ?? null
  if (state.only !== null) return { state: next, effect: { kind: 'over', approval: state.only.approval } }
  if (gone === null && calls.length === 0) return { state: next, effect: null }
  const focused = {
    ...next,
    selected: followerOf(state, calls),
    ...FRESH,
    view: state.view === 'help' || state.view === 'remembered' ? state.view : ('list' as const),
    notice: gone !== null && !isOwnNews(state, gone) ? endNotice(gone, news.ended(gone)) : state.notice,
  }
  return { state: focused, effect: null }
}

/** Where a call has come into focus, nothing of the one before is left. */
export const FRESH = { scroll: 0, all: false, typing: null, edit: null } as const

// One that was there before, where there is one: the next, or else the last before it.
function followerOf(before: ScreenState, calls: readonly Examined[]): string | null {
  const all = before.calls.map(challengeOf)
  const place = before.selected === null ? -1 : all.indexOf(before.selected)
  const still = new Set(calls.map(challengeOf))
  const after = all.slice(place + 1).find((one) => still.has(one))
  const [first] = calls
  return after ?? all.findLast((one) => still.has(one)) ?? (first === undefined ? null : challengeOf(first))
}

function challengeOf({ entry }: Examined): string {
  return entry.question.challenge
}

// The person knows of their own answer already.
function isOwnNews({ notice }: ScreenState, gone: string): boolean {
  return notice?.text.includes(gone) === true
}

const WORDS: Readonly<Record<Ended['how'], string>> = {
  approved: 'was approved',
  denied: 'was denied',
  used: 'was approved and has been used',
  expired: 'ran out',
  withdrawn: 'was withdrawn',
}

/** Says how a question ended: `A-7K2P9QXM was denied by ann at 09:14:07Z`, or `A-7K2P9QXM ended: its session ended`. */
export function endInWords(approval: string, ended: Ended | null): string {
  if (ended === null) return `${approval} does not wait any more`
  const by = ended.by === null ? '' : ` by ${fit(foreignText(ended.by), 60)}`
  const how = ended.why === undefined ? ` ${WORDS[ended.how]}${by}` : ` ended: ${foreignText(ended.why)}`
  const at = ended.at === null ? '' : ` at ${ended.at.toISOString().slice(11, 19)}Z`
  return `${approval}${how}${at}`
}

function endNotice(approval: string, ended: Ended | null): Notice {
  return { tone: 'warn', text: endInWords(approval, ended) }
}
