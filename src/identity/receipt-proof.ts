import type { Approver, ReceiptProof } from '../approval.ts'
import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { laterBy } from '../instant.ts'
import type { Claims } from '../sign-in.ts'
import { verifySshSignature } from '../ssh-signature.ts'
import { isTerminalProof } from '../terminal-proof.ts'
import { acrFault } from './acr-fault.ts'
import type { PublicJwk } from './choose-key.ts'
import { isSameKey } from './verifying-key.ts'
import type { TokenExpectation } from './verify-id-token.ts'

/** Who a receipt's proof is checked with: the policy's people, and the issuer. */
export interface ProofWorld {
  /** Tells whose SSH key it is (`TYPE BASE64`), and whether it must have verified its user; null: nobody's. */
  readonly personOfKey: (
    key: string,
  ) => { readonly approver: Approver; readonly userVerification: boolean } | null
  /** null: the policy has no issuer, or no client for approvals. */
  readonly oidc: OidcChecks | null
}

/** What the ID token of a fresh sign-in is checked with. */
export interface OidcChecks {
  readonly settings: Pick<IdentitySettings, 'issuer' | 'clientId'> & {
    readonly approvals: { readonly clientId: string; readonly acrValues?: readonly string[] }
  }
  /** Verifies an ID token of the policy's issuer (`verifyIdToken`), by keys that this process asked the issuer for. */
  readonly verify: (token: string, expected: Omit<TokenExpectation, 'provider'>) => Promise<Claims>
  /** Gives the issuer's key that verifies a token. Throws SIGN_IN_FAILED and UNREACHABLE. */
  readonly keyOf: (token: string, now: Date) => Promise<PublicJwk>
  /** Does the issuer give each client another `sub` for the same person? Throws UNREACHABLE. */
  readonly isPairwise: () => Promise<boolean>
  /** Tells who it is, as the policy reads claims; null where they say too little. */
  readonly approverOfClaims: (claims: Claims) => Omit<Approver, 'authTime'> | null
}

/** A proof that holds: who gave it, and when at the latest. */
export type Proven =
  | { readonly ok: true; readonly approver: Approver; readonly at: Date }
  | { readonly ok: false; readonly why: string }

/** What a proof must be of. `at`: when the receipt says that it was given. */
export interface ToProve {
  readonly challenge: string
  readonly device: string
  /** Must it be told whether they are the same person as whoever asks, or as somebody else who answered? */
  readonly comparesPeople: boolean
  readonly asked: Date
  readonly at: Date
}

/** Clocks of issuer and laptops may differ by so much. */
export const SKEW_MS = 60_000

/** Checks a proof of yes. Throws UNREACHABLE where the issuer's keys cannot be had. */
export async function checkReceiptProof(
  proof: ReceiptProof,
  of: ToProve,
  world: ProofWorld,
): Promise<Proven> {
  switch (proof.kind) {
    case 'terminal':
      return provenAtTerminal(proof, of)
    case 'key':
      return provenByKey(proof, of, world)
    case 'oidc':
      return provenBySignIn(proof, of, world)
    default:
      return refuse('its proof is of a kind that this hoopctl does not know')
  }
}

type Of<Kind extends ReceiptProof['kind']> = Extract<ReceiptProof, { readonly kind: Kind }>

function refuse(why: string): Proven {
  return { ok: false, why }
}

function provenAtTerminal(proof: Of<'terminal'>, { challenge, device, at }: ToProve): Proven {
  const { user } = proof
  if (!isTerminalProof(device, challenge, proof)) return refuse('the device key did not sign it')
  const approver = { issuer: 'local', sub: user, email: null, groups: [], authTime: null }
  return { ok: true, approver, at }
}

function provenByKey({ key, signature }: Of<'key'>, { challenge, at }: ToProve, world: ProofWorld): Proven {
  const verified = verifySshSignature(signature, challenge)
  if (!verified.ok) return refuse(`its SSH signature is refused: ${verified.why}`)
  if (verified.key !== key) return refuse('another SSH key signed it than it says')
  const person = world.personOfKey(verified.key)
  if (person === null) return refuse('the policy ties that SSH key to nobody')
  if (person.userVerification && !verified.verified) {
    return refuse('the security key did not verify its user by a PIN or a finger')
  }
  return { ok: true, approver: person.approver, at }
}

async function provenBySignIn(
  { idToken, jwk }: Of<'oidc'>,
  { challenge, comparesPeople, asked, at }: ToProve,
  { oidc }: ProofWorld,
): Promise<Proven> {
  if (oidc === null) return refuse('the policy names no client for approvals')
  const { issuer, clientId: signInClient, approvals } = oidc.settings
  const { clientId, acrValues = [] } = approvals
  // Else each sign-in of a laptop would be a receipt for whatever its nonce can be made to say.
  if (clientId === signInClient) return refuse('the policy’s client for approvals is that of sign-ins')
  let claims: Claims
  try {
    // As of then: that the token has expired since says nothing about what it proves.
    const expected = { clientId, nonce: challenge, signedInSince: asked, now: at }
    claims = await oidc.verify(idToken, expected)
    // The log keeps the key beside the token: another one there would make an honest log look broken, months later.
    if (!isSameKey(jwk, await oidc.keyOf(idToken, at)))
      return refuse('the key beside its token is not the issuer’s key that verifies it')
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'SIGN_IN_FAILED') return refuse(failure.message)
    throw failure
  }
  // Else nobody would ever be whoever asks, and one person with a key and a sign-in would be two.
  if (comparesPeople && (await oidc.isPairwise()))
    return refuse('its issuer gives each client another `sub`, so nobody can tell whether it is who asks')
  if (claims['iss'] !== issuer) return refuse('its token is not of the policy’s issuer')
  if (!isOnlyFor(claims['aud'], clientId)) return refuse('its token is for others too (`aud`)')
  const weak = acrFault(claims, acrValues)
  if (weak !== null) return refuse(weak)
  const signedIn = instantOf(claims['auth_time'])
  const approver = oidc.approverOfClaims(claims)
  if (approver === null || signedIn === null) return refuse('its token does not say who signed in')
  // Whoever writes the receipt writes `at`: a later one would make the answer live longer than the policy gives it.
  const latest = laterBy(signedIn, SKEW_MS)
  const authTime = signedIn.toISOString()
  return { ok: true, approver: { ...approver, authTime }, at: at < latest ? at : latest }
}

function isOnlyFor(audience: unknown, clientId: string): boolean {
  const all: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  return all.length === 1 && all[0] === clientId
}

function instantOf(seconds: unknown): Date | null {
  const instant = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  return Number.isNaN(instant.getTime()) ? null : instant
}
