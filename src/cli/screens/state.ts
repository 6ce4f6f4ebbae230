import type { Question } from '../../approval.ts'
import type { Ended, Remembered } from '../approvals/inbox.ts'
import type { Examined } from '../approvals/examine.ts'

/** So many characters of a message reach the model. */
export const MAX_MESSAGE_CHARACTERS = 500

/** What a person types a line for. */
export type Typing =
  | { readonly kind: 'deny'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string; readonly word: string; readonly remember: boolean }

/** An edit of a call's arguments that waits for the yes. */
export interface Edit {
  /** The question as it would be with the other arguments, examined like any other. */
  readonly examined: Examined
  /** The JSON text of the arguments. */
  readonly args: string
  /** The lines of the difference. */
  readonly diff: readonly { readonly sign: '+' | '-' | ' '; readonly text: string }[]
}

/** What the person is looking at: the list with a call below, one call, the remembered answers, an edit, or the help. */
export type View = 'list' | 'call' | 'remembered' | 'edit' | 'help'

/** The one question that a run of the screen is for. */
export type Only = Pick<Question, 'approval' | 'challenge'>

/** A line that tells what happened. */
export interface Notice {
  readonly tone: 'good' | 'warn' | 'bad'
  readonly text: string
}

/** A call that a person can see. */
export interface Seen {
  /** The challenge of the question, or of the edit, that was drawn last. */
  readonly challenge: string
  /** By a clock that only runs forward, in milliseconds: when it was on the screen. */
  readonly sinceMs: number
}

/** All that the screen is drawn from. */
export interface ScreenState {
  readonly calls: readonly Examined[]
  readonly remembered: readonly Remembered[]
  /** The challenge of the call in focus; null: none waits. Two calls may come under one approval id. */
  readonly selected: string | null
  /** What stands on the screen; null: nothing that was drawn yet. */
  readonly seen: Seen | null
  /** The challenges of what was answered at this screen. */
  readonly answered: readonly string[]
  /** When the key of the last yes was pressed, by the clock of `seen`. */
  readonly yes: { readonly atMs: number } | null
  readonly view: View
  /** Is everything shown, nothing folded? */
  readonly all: boolean
  /** The first line of the call that is on the screen. */
  readonly scroll: number
  /** The row of the remembered list. */
  readonly row: number
  readonly typing: Typing | null
  readonly edit: Edit | null
  readonly notice: Notice | null
  /** The one call that this run is for; null: all that wait. */
  readonly only: Only | null
}

/** What the loop around the screen is to do. */
export type Effect =
  | {
      readonly kind: 'approve'
      readonly examined: Examined
      readonly remember: boolean
      readonly edit: Edit | null
    }
  | { readonly kind: 'deny'; readonly examined: Examined; readonly message: string | null }
  | { readonly kind: 'edit'; readonly examined: Examined }
  | { readonly kind: 'forget'; readonly one: Remembered }
  | { readonly kind: 'quit'; readonly why: 'quit' | 'interrupt' }
  /** The one call that this run is for is over. */
  | { readonly kind: 'over'; readonly approval: string }

/** What came of one event. */
export interface Next {
  readonly state: ScreenState
  readonly effect: Effect | null
}

/** What waits, examined, and how a question that is gone has ended. */
export interface News {
  readonly calls: readonly Examined[]
  readonly remembered: readonly Remembered[]
  readonly ended: (approval: string) => Ended | null
}

/** Makes the state of a screen on which nothing was shown yet. */
export function firstState(only: Only | null): ScreenState {
  return {
    calls: [],
    remembered: [],
    selected: only?.challenge ?? null,
    seen: null,
    answered: [],
    yes: null,
    view: only === null ? 'list' : 'call',
    all: false,
    scroll: 0,
    row: 0,
    typing: null,
    edit: null,
    notice: null,
    only,
  }
}

/** Gives the call in focus. */
export function callInFocus({ calls, selected }: ScreenState): Examined | null {
  return calls.find(({ entry }) => entry.question.challenge === selected) ?? null
}

/** Gives the edit that is shown: no other is answered. */
export function editInView({ view, edit }: ScreenState): Edit | null {
  return view === 'edit' ? edit : null
}

/** Gives the challenge of what an answer would be about: the call in focus, or its edit; null where none is shown. */
export function challengeInView(state: ScreenState): string | null {
  if (state.view === 'help' || state.view === 'remembered') return null
  const inView = editInView(state)?.examined ?? callInFocus(state)
  return inView?.entry.question.challenge ?? null
}

/** Notes that what `shown` is drawn from is on the screen now. A large call takes seconds to draw. */
export function onScreen(state: ScreenState, shown: ScreenState, nowMs: number): ScreenState {
  const challenge = challengeInView(shown)
  if (state.seen?.challenge === challenge) return state
  return { ...state, seen: challenge === null ? null : { challenge, sinceMs: nowMs } }
}
