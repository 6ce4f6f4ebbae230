import type { Key } from './keys.ts'
import { challengeInView, type ScreenState } from './state.ts'

// Keys that arrive so soon after a call was drawn were meant for what was there before.
const SETTLE_MS = 300
// A key that is held down repeats within this time, also where its first repetition was set as late as can be.
const REPEAT_MS = 2000

const ANSWERS = ['a', 'd', 'e', 'r']

/** Could this key answer, where it counted? */
export function isAnswer(key: Key): boolean {
  return key.name === 'return' || ANSWERS.includes(key.text)
}

/**
 * Gives the time in milliseconds until keys answer the call in view, 0 where they do now. What is not on the screen yet,
 * nobody has read: until it is, they never do. `nowMs` is of the clock of `Seen`.
 */
export function untilKeysCount(state: ScreenState, nowMs: number): number {
  const { seen, yes, typing } = state
  if (seen === null || seen.challenge !== challengeInView(state)) return Number.POSITIVE_INFINITY
  // Of a key that is held down, the second comes after a while, and the others soon after it.
  const letGo = yes === null || typing !== null ? 0 : yes.atMs + REPEAT_MS - nowMs
  return Math.max(0, seen.sinceMs + SETTLE_MS - nowMs, letGo)
}

/** Begins the waits anew, after a key that came too soon: more of them may follow. */
export function restless(state: ScreenState, nowMs: number): ScreenState {
  const { seen, yes } = state
  const isRepeated = yes !== null && nowMs - yes.atMs < REPEAT_MS
  return {
    ...state,
    seen: seen === null ? null : { ...seen, sinceMs: nowMs },
    yes: isRepeated ? { atMs: nowMs } : yes,
  }
}
