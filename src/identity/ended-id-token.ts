import { HoopctlError } from '../errors.ts'
import { LOGIN } from './sign-in-failed.ts'
import type { Tokens } from './tokens.ts'

// A request takes its time, and clocks differ a little.
const EARLY_MS = 60_000

/** Tells whether the ID token ends within a minute, or has: providers may let it live for five minutes. */
export function endsSoon(tokens: Tokens, now: Date): boolean {
  return endOf(tokens) - EARLY_MS <= now.getTime()
}

/**
 * Says that the ID token has ended, and why there is no other; null: it has not.
 * @param fault why it could not be renewed; null: the provider gave nothing to renew it with
 */
export function endedIdToken(tokens: Tokens, now: Date, fault: HoopctlError | null): HoopctlError | null {
  const end = endOf(tokens)
  if (end > now.getTime()) return null
  const ended = `the ID token of the sign-in ended at ${new Date(end).toISOString()}`
  if (fault !== null) {
    const message = `${ended}, and could not be renewed: ${fault.message}`
    return new HoopctlError(fault.code, message, { hint: fault.hint })
  }
  const message = `${ended}, and the provider gave nothing to renew it with`
  const hint = `allow \`offline_access\` to the client, name it in \`identity.scopes\`, and ${LOGIN}`
  return new HoopctlError('NOT_SIGNED_IN', message, { hint })
}

function endOf({ claims }: Tokens): number {
  return Number(claims['exp']) * 1000
}
