import type { Ended } from '../approvals/inbox.ts'
import { foreignText } from './foreign-text.ts'
import { callInFocus, type News, type Next, type Notice, type ScreenState } from './state.ts'
import { fit } from './width.ts'

/**
 * Takes what waits now. The call in focus stays in focus, wherever the list has it now; where it is over, the screen says
 * how, and goes on to the one that took its place. A call that comes never takes the focus from another.
 */
export function takeNews(state: ScreenState, news: News, nowMs: number): Next {
  const { calls, remembered } = news
  const row = Math.max(0, Math.min(state.row, remembered.length - 1))
  const next = { ...state, calls, remembered, row }
  const isThere = calls.some(({ entry }) => entry.question.approval === state.selected)
  if (isThere) return { state: withFirstFocus(next, state, nowMs), effect: null }
  const gone = state.selected
  if (state.only !== null) return { state: next, effect: { kind: 'over', approval: state.only } }
  if (gone === null && calls.length === 0) return { state: next, effect: null }
  const place = Math.max(0, positionOf(state))
  const follower = calls[Math.min(place, calls.length - 1)]
  const hadFocus = gone !== null
  const focused = {
    ...next,
    selected: follower?.entry.question.approval ?? null,
    focusedMs: nowMs,
    ...FRESH,
    view: state.view === 'help' || state.view === 'remembered' ? state.view : ('list' as const),
    notice: hadFocus && !isOwnNews(state, gone) ? endNotice(gone, news.ended(gone)) : state.notice,
  }
  return { state: focused, effect: null }
}

/** Where a call has come into focus, nothing of the one before is left. */
export const FRESH = { scroll: 0, all: false, typing: null, edit: null } as const

// A call that is not the one that was there before takes the focus anew, whatever id it has.
function withFirstFocus(next: ScreenState, before: ScreenState, nowMs: number): ScreenState {
  const [was, is] = [callInFocus(before), callInFocus(next)]
  const isSame = was !== null && is !== null && was.entry.question.challenge === is.entry.question.challenge
  return isSame ? next : { ...next, ...FRESH, focusedMs: nowMs }
}

function positionOf({ calls, selected }: ScreenState): number {
  return calls.findIndex(({ entry }) => entry.question.approval === selected)
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
