import type { Activation, ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { ASKED_MS, requestNonce } from '../request-text.ts'
import type { Claims } from '../sign-in.ts'
import { REQUEST_NAMESPACE, verifySshSignature } from '../ssh-signature.ts'
import { askedFor } from './asked-request.ts'
import type { ProofWorld } from './receipt-proof.ts'
import type { TokenExpectation } from './verify-id-token.ts'

/** What an activation's proof is checked against. */
export interface ProofChecks {
  /** Verifies an ID token of the policy's issuer (`verifyIdToken`). */
  readonly verify: (token: string, expected: Omit<TokenExpectation, 'provider'>) => Promise<Claims>
  /** The policy's `identity`; null: it has none. */
  readonly settings: Pick<IdentitySettings, 'issuer' | 'approvals'> | null
  /** Tells whose SSH key it is under the policy. */
  readonly personOfKey: ProofWorld['personOfKey']
  /** What the policy wants now as a proof for this grant. */
  readonly grantProof: 'terminal' | 'oidc' | 'key'
}

type Of<Kind extends ActivationProof['kind']> = Extract<ActivationProof, { readonly kind: Kind }>

/** So soon after the sign-in an activation begins. Some providers write an `iat` that is five minutes less. */
const PROMPT_MS = 10 * 60_000

/** Both times are of this machine, whose clock may have been corrected in between. */
const SKEW_MS = 60_000

/**
 * Says why an activation is not proven to be what a person asked for, in one clause; null: it is. The device's seal says
 * nothing here: a program of this user can make one. Throws UNREACHABLE where the issuer's keys cannot be had.
 */
export async function checkRequestProof(activation: Activation, checks: ProofChecks): Promise<string | null> {
  const { grantProof } = checks
  const { proof } = activation
  if (grantProof === 'terminal') return null
  switch (proof.kind) {
    case 'oidc':
      return signInFault(proof, activation, checks)
    case 'key':
      return grantProof === 'key' ? keyFault(proof, activation, checks) : WANTED.oidc
    case 'terminal':
    case 'approval':
      return WANTED[grantProof]
  }
}

const WANTED = {
  key: 'the policy wants the signature of an SSH key as its proof',
  oidc: 'the policy wants a sign-in as its proof',
} as const

async function signInFault(
  { idToken, request: text }: Of<'oidc'>,
  activation: Activation,
  { settings, verify }: ProofChecks,
): Promise<string | null> {
  const { issuer, sub, started } = activation
  const clientId = settings?.approvals?.clientId
  if (settings === null || clientId === undefined) return 'the policy names no client for approvals'
  if (issuer !== settings.issuer) return 'it is of a subject of another issuer'
  const asked = askedFor(text, activation)
  if (!asked.ok) return asked.why
  const late = askedFault(asked.at, started)
  if (late !== null) return late
  try {
    // As of then: that the token has expired since says nothing about what it proves.
    const expected = { clientId, nonce: requestNonce(text), sub, signedInSince: asked.at, now: started }
    const claims = await verify(idToken, expected)
    if (claims['iss'] !== settings.issuer) return 'its token is not of the policy’s issuer'
    return timeFault(claims, started)
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'SIGN_IN_FAILED') return failure.message
    throw failure
  }
}

function keyFault(
  { key, signature, request: text }: Of<'key'>,
  activation: Activation,
  { personOfKey }: ProofChecks,
): string | null {
  const { issuer, sub, started } = activation
  const asked = askedFor(text, activation)
  if (!asked.ok) return asked.why
  // The signature has no time of its own: what was asked for has one, and is what is signed.
  const late = askedFault(asked.at, started)
  if (late !== null) return late
  const verified = verifySshSignature(signature, requestNonce(text), REQUEST_NAMESPACE)
  if (!verified.ok) return `its SSH signature is refused: ${verified.why}`
  if (verified.key !== key) return 'another SSH key signed it than it says'
  const person = personOfKey(verified.key)
  if (person === null) return 'the policy ties that SSH key to nobody'
  const { approver: owner, userVerification } = person
  if (owner.issuer !== issuer || owner.sub !== sub) return 'its SSH key is another person’s'
  if (userVerification && !verified.verified)
    return 'the security key did not verify its user by a PIN or a finger'
  return null
}

// Whoever writes the request writes `at`: an old one would make any sign-in since then, of an SSO session too, a fresh one.
function askedFault(at: Date, started: Date): string | null {
  const age = started.getTime() - at.getTime()
  return age >= -SKEW_MS && age <= ASKED_MS ? null : 'it did not begin soon after it was asked for'
}

// Else a program of this user could seal it anew, with a later beginning, for as long as the issuer keeps its key.
function timeFault({ iat }: Claims, started: Date): string | null {
  const age = typeof iat === 'number' ? started.getTime() - iat * 1000 : Number.NaN
  return Math.abs(age) <= PROMPT_MS ? null : 'it did not begin when the person signed in'
}
