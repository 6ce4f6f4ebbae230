import type { InboxEntry } from './inbox.ts'

/** What is said of a call whose id another one has too. */
export const SAME_ID = 'two calls come under this id: somebody writes the store who should not'

/** Does more than one call wait under this id? Whoever writes the team's store could put one there under the id of another. */
export function isAskedTwice(approval: string, waiting: readonly InboxEntry[]): boolean {
  const same = waiting.filter(({ question }) => question.approval === approval)
  return new Set(same.map(({ question }) => question.challenge)).size > 1
}
