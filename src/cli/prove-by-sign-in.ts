import type { ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { ASKED_MS, requestNonce } from '../request-text.ts'
import { type AskedFor, askedText } from './asked-text.ts'
import type { Asker } from './asker.ts'
import type { Context } from './context.ts'
import { type FreshSignIn, freshSignIn, freshSignInByCode } from './fresh-sign-in.ts'

/** What a person confirms by signing in. */
interface Confirmed extends AskedFor {
  /** What a person types to ask again. */
  readonly command: string
  /** Sign in with a code on another screen, where there is no browser on this machine. */
  readonly byCode: boolean
  /** Shows what there is to confirm. */
  readonly show: () => void
}

/**
 * Has the person sign in anew, at the client that is for nothing else, with a nonce that covers what they ask for. Throws
 * GRANT_DENIED for a subject that cannot, SIGN_IN_FAILED, UNREACHABLE and CANCELLED.
 */
export async function proveBySignIn(confirmed: Confirmed, context: Context): Promise<ActivationProof> {
  const { asker, show } = confirmed
  const { sub } = asker.subject
  const client = clientOf(asker)
  const asked = context.now()
  const request = askedText(confirmed, asked)
  show()
  try {
    const sign = confirmed.byCode ? freshSignInByCode : freshSignIn
    const say = (text: string) => void context.stderr.write(text)
    const { idToken } = await sign({ client, sub, nonce: requestNonce(request), show: say }, context)
    // A shim would take it for a sign-in of something else.
    if (context.now().getTime() - asked.getTime() > ASKED_MS) throw tooLate()
    return { kind: 'oidc', idToken, request }
  } catch (failure) {
    throw askAgain(failure, confirmed)
  }
}

// What helps after a sign-in that failed is no `hoopctl login`: the person is signed in.
function askAgain(failure: unknown, { command, byCode }: Confirmed): unknown {
  const isOurs = failure instanceof HoopctlError && ['SIGN_IN_FAILED', 'CANCELLED'].includes(failure.code)
  if (!isOurs) return failure
  const other = byCode ? '; not every provider can prove a request with --device' : ''
  return new HoopctlError(failure.code, failure.message, {
    hint: `to ask again: ${command}${other}`,
    cause: failure.cause,
  })
}

function tooLate(): HoopctlError {
  const message = 'it was confirmed more than ten minutes after it was asked for'
  return new HoopctlError('SIGN_IN_FAILED', message, { hint: 'ask again' })
}

function clientOf({ policy, subject }: Asker): FreshSignIn['client'] {
  const { identity } = policy
  const clientId = identity?.approvals?.clientId
  const hint = 'ask whoever keeps the policy'
  if (identity === null || clientId === undefined)
    throw new HoopctlError('GRANT_DENIED', 'the policy names no client at which this can be proven', { hint })
  if (subject.issuer === identity.issuer && subject.kind === 'human')
    // A receipt says who and when, nothing else.
    return { issuer: identity.issuer, clientId, redirectPort: identity.redirectPort, scopes: [] }
  const message = 'this grant is given to a person who signs in anew, and a workload cannot'
  throw new HoopctlError('GRANT_DENIED', message, { hint })
}
