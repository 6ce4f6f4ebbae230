import { HoopctlError } from '../errors.ts'

/** What helps after most failures of a sign-in. */
export const LOGIN = 'run: hoopctl login'

/**
 * Makes a SIGN_IN_FAILED in our words. Takes no cause: those of the libraries hold answers, and answers hold tokens.
 * @param hint what to type or whom to ask, where it is not `hoopctl login`
 */
export function signInFailed(message: string, hint: string = LOGIN): HoopctlError {
  return new HoopctlError('SIGN_IN_FAILED', message, { hint })
}

/** Says that a signal ended the sign-in: which one is the cause, where it was told. */
export function cancelled({ reason }: AbortSignal): HoopctlError {
  return new HoopctlError('CANCELLED', 'the sign-in was cancelled', { hint: LOGIN, cause: reason })
}

/** What to ask where the provider, not the person, is at fault. */
export const ASK_OPERATOR = 'ask whoever runs the provider; nothing on this machine mends it'
