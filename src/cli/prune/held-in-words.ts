import type { Hold, HoldReason } from '../../audit/session-hold.ts'

/** Says in words that a session is held, by whom and why, for each reason. */
export function heldInWords(hold: Hold): string {
  if (hold.since === null) return 'it is held; who held it, and why, cannot be read'
  return `it is held ${[hold, ...hold.also].map((each) => reasonInWords(each)).join('; and ')}`
}

function reasonInWords({ since, osUser, reason }: HoldReason): string {
  return `since ${since ?? '?'} by ${osUser ?? 'nobody knows whom'}${reason === null ? '' : `: ${reason}`}`
}
