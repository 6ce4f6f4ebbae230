import { userInfo } from 'node:os'
import type { ProofKind, ReceiptProof } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { terminalProofText } from '../../terminal-proof.ts'
import type { Context } from '../context.ts'
import { freshSignIn } from '../fresh-sign-in.ts'
import { signWithSsh } from './sign-with-ssh.ts'

/** What a yes is proven with. */
interface Proving {
  /** What is signed: computed here from the bytes that were shown, never one that arrived. */
  readonly challenge: string
  readonly policy: Pick<Policy, 'identity'>
  /** Signs with the device key: of this user on this machine. */
  readonly device: { sign(bytes: Uint8Array): Uint8Array }
  /** The SSH keys that the policy ties to the person. */
  readonly keys: readonly string[]
  readonly context: Context
  /** Shows a text to the person; what it says ends with a newline. */
  readonly show: (text: string) => void
}

/**
 * Proves that the person at this terminal says yes. `key` lets ssh-keygen have the terminal: who draws on it steps back
 * before. Throws SIGN_IN_FAILED, UNREACHABLE, CANCELLED, and GRANT_DENIED where the policy names no client for approvals.
 */
export async function proveAnswer(kind: ProofKind, proving: Proving): Promise<ReceiptProof> {
  const { challenge, device, keys, context } = proving
  switch (kind) {
    case 'terminal': {
      const user = userInfo().username
      const signature = Buffer.from(device.sign(terminalProofText(challenge, user))).toString('base64url')
      return { kind, user, signature }
    }
    case 'key':
      return signWithSsh(challenge, keys, context)
    case 'oidc':
      return signInAnew(proving)
  }
}

async function signInAnew({ challenge, policy, context, show }: Proving): Promise<ReceiptProof> {
  const { verifyingKey } = await import('../../identity/verifying-key.ts')
  const { identity } = policy
  if (identity === null || identity.approvals === null) {
    const hint = 'ask whoever keeps the policy'
    throw new HoopctlError('GRANT_DENIED', 'the policy names no client at which a yes can be proven', {
      hint,
    })
  }
  const { issuer, redirectPort, approvals } = identity
  // The receipt must say by which email or group its giver is named; it needs no token that lasts.
  const scopes = identity.scopes.filter((scope) => scope !== 'offline_access')
  const client = { issuer, clientId: approvals.clientId, redirectPort, scopes }
  const { acrValues } = approvals
  try {
    const { idToken, provider } = await freshSignIn({ client, nonce: challenge, acrValues, show }, context)
    return { kind: 'oidc', idToken, jwk: await verifyingKey(idToken, provider, context.now()) }
  } catch (failure) {
    throw answerAgain(failure)
  }
}

// What helps after a sign-in that failed is no `hoopctl login`: who answers may be signed in all the while.
function answerAgain(failure: unknown): unknown {
  const isOurs = failure instanceof HoopctlError && ['SIGN_IN_FAILED', 'CANCELLED'].includes(failure.code)
  if (!isOurs) return failure
  return new HoopctlError(failure.code, failure.message, { hint: 'answer again', cause: failure.cause })
}
