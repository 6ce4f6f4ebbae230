import type { RecordedSession } from '../../audit/recorded-session.ts'
import type { ReplayEntries } from '../../audit/replay-entries.ts'
import type { Notice } from '../screens/state.ts'

/** How many times faster than it happened. */
export const SPEEDS = [1, 2, 4, 10, 60] as const
export type Speed = (typeof SPEEDS)[number]

/** What is said of the end: there is one, the session runs, or nothing tells. */
export type End = 'ended' | 'runs' | 'unknown'

/** What the keys and the time go by: where the entries are, as far as they were read by now. */
export interface Known {
  readonly entries: Pick<ReplayEntries, 'count' | 'at' | 'next' | 'previous'>
  /** Was all read that is there? */
  readonly isRead: boolean
  readonly end: End
}

/** What the screen is drawn from besides its state. */
export interface Replayed extends Known {
  /** Which session of its device it is. */
  readonly number: number
  /** What it is verified by. */
  readonly verify: string
  readonly recorded: Pick<RecordedSession, 'told' | 'text' | 'record' | 'contextAt' | 'progress'>
  readonly entries: ReplayEntries
}

/** What the person is looking at: the timeline up to the cursor, all that is known of the entry there, or the help. */
export type View = 'timeline' | 'details' | 'help'

/** What the person looks for, and in which direction. */
export interface Search {
  readonly text: string
  readonly by: 1 | -1
}

/** All that the screen is drawn from, but for the session. */
export interface ReplayState {
  /** The entry at the cursor; what comes behind it has not happened yet. */
  readonly place: number
  readonly playing: boolean
  readonly speed: Speed
  /** How long the person has waited for the next entry, in milliseconds. */
  readonly waitedMs: number
  readonly view: View
  /** The first line of the details, or of the help, that is on the screen. */
  readonly scroll: number
  /** Are the records shown whole? */
  readonly all: boolean
  /** The text that is typed, to look for it; null: none is typed. */
  readonly typing: string | null
  /** What was looked for last. */
  readonly search: Search | null
  /** Does that go on? */
  readonly searching: boolean
  readonly notice: Notice | null
}

/** What the loop around the screen is to do. */
export type Effect =
  | { readonly kind: 'leave'; readonly why: 'quit' | 'interrupt' }
  /** Look from this place on, the place itself left out. */
  | { readonly kind: 'find'; readonly search: Search; readonly from: number }

/** What came of one key. */
export interface Next {
  readonly state: ReplayState
  readonly effect: Effect | null
}

/** Makes the state with which the screen opens: at the first entry, not playing. */
export function firstState(): ReplayState {
  return {
    place: 0,
    playing: false,
    speed: 1,
    waitedMs: 0,
    view: 'timeline',
    scroll: 0,
    all: false,
    typing: null,
    search: null,
    searching: false,
    notice: null,
  }
}
