import { durationInWords } from '../duration.ts'
import type { Notice } from '../screens/state.ts'
import type { End, Known, ReplayState, Speed } from './state.ts'

/** Nobody waits longer than this for the next entry: the longer gap is shortened, and the screen says so. */
export const LONGEST_WAIT_MS = 5000

/** How long nothing happened, and how long a person waits for it, in milliseconds. */
export interface Wait {
  readonly gapMs: number
  readonly waitMs: number
  readonly isShortened: boolean
}

/** Tells how long one waits behind an entry for the next. Where nothing says when they were, not at all. */
export function waitBehind(place: number, speed: Speed, { entries }: Pick<Known, 'entries'>): Wait {
  const between = entries.at(place + 1) - entries.at(place)
  const gapMs = Number.isNaN(between) ? 0 : between
  const waitMs = Math.min(gapMs / speed, LONGEST_WAIT_MS)
  return { gapMs, waitMs, isShortened: gapMs / speed > LONGEST_WAIT_MS }
}

/** Goes on by some milliseconds of a person's time. Pure: as `press`, but for the clock. */
export function tick(state: ReplayState, ms: number, known: Known): ReplayState {
  if (!state.playing) return state
  const { entries, isRead, end } = known
  let { place, waitedMs, notice } = state
  waitedMs += ms
  while (place < entries.count - 1) {
    const wait = waitBehind(place, state.speed, known)
    if (waitedMs < wait.waitMs) return { ...state, ...movedTo(state, place), waitedMs, notice }
    waitedMs -= wait.waitMs
    place += 1
    if (wait.isShortened) notice = { tone: 'warn', text: shortenedInWords(wait, 'was') }
  }
  const there = { ...state, ...movedTo(state, place), waitedMs: 0, notice }
  // What was not read yet is on its way.
  return isRead ? { ...there, playing: false, notice: ENDS[end] } : there
}

/** Says that a gap is shortened, or was. */
export function shortenedInWords({ gapMs, waitMs }: Wait, when: 'is' | 'was'): string {
  return `a gap of ${durationInWords(gapMs)} ${when} shortened to ${durationInWords(waitMs)}`
}

/** Says what is behind the last entry. */
export const ENDS: Readonly<Record<End, Notice>> = {
  ended: { tone: 'good', text: 'the end of the session' },
  runs: { tone: 'warn', text: 'all that is recorded by now: the session runs still' },
  unknown: { tone: 'warn', text: 'no end is recorded: it was killed, or its end was cut off' },
}

/** Puts the cursor there. What was scrolled to belonged to the entry before. */
export function movedTo(
  state: ReplayState,
  place: number,
): Pick<ReplayState, 'place' | 'scroll' | 'waitedMs'> {
  return { place, waitedMs: 0, scroll: state.place === place ? state.scroll : 0 }
}
