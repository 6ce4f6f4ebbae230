import type { Hold } from '../../audit/session-hold.ts'

/** Says in words that a session is held, by whom and why. */
export function heldInWords({ since, osUser, reason }: Hold): string {
  if (since === null) return 'it is held; who held it, and why, cannot be read'
  return `it is held since ${since} by ${osUser ?? 'nobody knows whom'}${reason === null ? '' : `: ${reason}`}`
}
