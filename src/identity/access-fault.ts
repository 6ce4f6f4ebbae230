import { HoopctlError } from '../errors.ts'
import { answeredError, providerFault } from './provider-fault.ts'
import type { WantedToken } from './access-token.ts'

// What the person, or who runs the provider, can mend by a new sign-in. Entra says `invalid_grant` also of a
// missing consent (AADSTS65001), so it is not taken for the end of the sign-in.
const OF_THE_SIGN_IN = [
  'invalid_target',
  'invalid_scope',
  'invalid_grant',
  'consent_required',
  'interaction_required',
]

/**
 * Says why a provider made no access token for a person. Where a new sign-in may help it is NOT_SIGNED_IN. Anything that is
 * no failure of ours comes back as it is: a bug.
 */
export function accessFault(cause: unknown, issuer: string, wanted: WantedToken): unknown {
  const fault = aboutToken(providerFault(cause, issuer), wanted)
  if (!(fault instanceof HoopctlError) || !OF_THE_SIGN_IN.includes(answeredError(cause) ?? '')) return fault
  const hint = 'run: hoopctl login; if that does not help, the provider must allow it: docs/administrators.md'
  return new HoopctlError('NOT_SIGNED_IN', fault.message, { hint })
}

/** Adds to a failure which token could not be had. */
export function aboutToken(fault: unknown, { audience }: WantedToken): unknown {
  if (!(fault instanceof HoopctlError)) return fault
  const { code, message, hint } = fault
  return new HoopctlError(code, `no access token for \`${audience}\`: ${message}`, { hint })
}
