import type { ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { ASKED_MS, requestNonce } from '../request-text.ts'
import { REQUEST_NAMESPACE } from '../ssh-signature.ts'
import { signWithSsh } from './approvals/sign-with-ssh.ts'
import { type AskedFor, askedText, keysOf } from './asked-text.ts'
import type { Context } from './context.ts'

/** What a person signs with their SSH key. */
interface Signed extends AskedFor {
  /** What a person types to ask again. */
  readonly command: string
  /** Shows what there is to confirm. */
  readonly show: () => void
}

/**
 * Has the person sign what they ask for with one of their own SSH keys that the policy knows. Throws UNREACHABLE where
 * there is none here, CANCELLED where nothing was signed, or too late.
 */
export async function proveByKey(signed: Signed, context: Context): Promise<ActivationProof> {
  const { asker, command, show } = signed
  const asked = context.now()
  const request = askedText(signed, asked)
  show()
  try {
    const keys = keysOf(asker.policy, asker.subject)
    const { key, signature } = await signWithSsh(requestNonce(request), keys, context, REQUEST_NAMESPACE)
    // A shim would take it for a signature under something else.
    if (context.now().getTime() - asked.getTime() > ASKED_MS) throw tooLate()
    return { kind: 'key', key, signature, request }
  } catch (failure) {
    if (!(failure instanceof HoopctlError) || failure.code !== 'CANCELLED') throw failure
    throw new HoopctlError('CANCELLED', failure.message, { hint: `to ask again: ${command}`, cause: failure })
  }
}

function tooLate(): HoopctlError {
  const message = 'it was signed more than ten minutes after it was asked for'
  return new HoopctlError('CANCELLED', message, { hint: 'ask again' })
}
