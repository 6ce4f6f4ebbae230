import type { Examined } from '../approvals/examine.ts'
import type { ScreenState } from './state.ts'
import { FRESH } from './take-news.ts'

/**
 * Notes that this person has answered a call. It may wait on, for others or for whoever asks: the focus goes on to the next
 * one that they have not answered, from the first again after the last; where there is none, it stays.
 */
export function goOn(state: ScreenState, { entry }: Examined): ScreenState {
  const { challenge } = entry.question
  const answered = [...state.answered, challenge]
  const place = state.calls.findIndex((one) => one.entry.question.challenge === challenge)
  const others = [...state.calls.slice(place + 1), ...state.calls.slice(0, Math.max(0, place))]
  const next = others.find((one) => !isAnswered(one, answered))
  if (state.only !== null || next === undefined) return { ...state, answered }
  return { ...state, ...FRESH, view: 'list', answered, selected: next.entry.question.challenge }
}

// Answers to a question of the team's are those that were given here; to one of this machine's, those of all.
function isAnswered({ entry }: Examined, answered: readonly string[]): boolean {
  return (entry.from === 'team' && entry.answers.length > 0) || answered.includes(entry.question.challenge)
}
