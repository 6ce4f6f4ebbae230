import type { Activation } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { parseInstant } from '../instant.ts'
import { ASKED_MS, type GrantRequest, requestNonce, requestText } from '../request-text.ts'
import type { Claims } from '../sign-in.ts'
import { isObject } from './provider-json.ts'
import type { TokenExpectation } from './verify-id-token.ts'

/** What an activation's proof is checked against. */
export interface ProofChecks {
  /** Verifies an ID token of the policy's issuer (`verifyIdToken`). */
  readonly verify: (token: string, expected: Omit<TokenExpectation, 'provider'>) => Promise<Claims>
  /** The policy's `identity`; null: it has none. */
  readonly settings: Pick<IdentitySettings, 'issuer' | 'approvals'> | null
  /** What the policy wants now as a proof for this grant. */
  readonly grantProof: 'terminal' | 'oidc' | 'key'
}

/** So soon after the sign-in an activation begins. Some providers write an `iat` that is five minutes less. */
const PROMPT_MS = 10 * 60_000

/** Both times are of this machine, whose clock may have been corrected in between. */
const SKEW_MS = 60_000

/**
 * Says why an activation is not proven to be what a person asked for, in one clause; null: it is. The device's seal says
 * nothing here: a program of this user can make one. Throws UNREACHABLE where the issuer's keys cannot be had.
 */
export async function checkRequestProof(activation: Activation, checks: ProofChecks): Promise<string | null> {
  const { settings, grantProof, verify } = checks
  const { proof, issuer, sub, started } = activation
  if (grantProof === 'terminal') return null
  if (grantProof === 'key') return 'the policy wants the proof of a security key, which cannot be checked yet'
  if (proof.kind !== 'oidc') return 'the policy wants a sign-in as its proof'
  const clientId = settings?.approvals?.clientId
  if (settings === null || clientId === undefined) return 'the policy names no client for approvals'
  if (issuer !== settings.issuer) return 'it is of a subject of another issuer'
  const request = readRequest(proof.request)
  if (request === null) return 'what was asked for cannot be read'
  const other = requestFault(request, activation) ?? askedFault(request, started)
  if (other !== null) return other
  try {
    // As of then: that the token has expired since says nothing about what it proves.
    const signedInSince = new Date(request.at)
    const expected = { clientId, nonce: requestNonce(proof.request), sub, signedInSince, now: started }
    const claims = await verify(proof.idToken, expected)
    if (claims['iss'] !== settings.issuer) return 'its token is not of the policy’s issuer'
    return timeFault(claims, started)
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'SIGN_IN_FAILED') return failure.message
    throw failure
  }
}

// What is not written as `requestText` writes it was not asked for by hoopctl: no member more, none twice.
function readRequest(text: string): GrantRequest | null {
  const value = parse(text)
  if (!isObject(value) || !Array.isArray(value['grants'])) return null
  const { policy, policyDigest, issuer, sub, device, at } = value
  const texts = { policy, policyDigest, issuer, sub, device, at }
  if (!isTexts(texts) || parseInstant(texts.at) === null) return null
  const grants = (value['grants'] as readonly unknown[]).map(readGrant).filter((grant) => grant !== null)
  const request = { ...texts, grants }
  return requestText(request) === text ? request : null
}

function readGrant(value: unknown): GrantRequest['grants'][number] | null {
  if (!isObject(value)) return null
  const { name, durationMs, reason } = value
  if (typeof name !== 'string' || typeof durationMs !== 'number') return null
  return reason === null || typeof reason === 'string' ? { name, durationMs, reason } : null
}

// The policy may have had another digest by then or since: what it gives now is asked at each decision.
function requestFault(request: GrantRequest, activation: Activation): string | null {
  const { grant, started, expires, reason } = activation
  for (const member of ['policy', 'issuer', 'sub', 'device'] as const) {
    if (request[member] !== activation[member]) return `another ${WORDS[member]} was asked for`
  }
  const asked = request.grants.find(({ name }) => name === grant)
  if (asked === undefined) return 'another grant was asked for'
  if (asked.reason !== reason) return 'another reason was given'
  // Also where `expires` is no time: then nothing is at least as long.
  if (!(asked.durationMs >= expires.getTime() - started.getTime()))
    return 'it lasts longer than was asked for'
  return null
}

const WORDS = { policy: 'policy', issuer: 'issuer', sub: 'subject', device: 'device' } as const

// Whoever writes the request writes `at`: an old one would make any sign-in since then, of an SSO session too, a fresh one.
function askedFault({ at }: GrantRequest, started: Date): string | null {
  const age = started.getTime() - new Date(at).getTime()
  return age >= -SKEW_MS && age <= ASKED_MS ? null : 'it did not begin soon after it was asked for'
}

// Else a program of this user could seal it anew, with a later beginning, for as long as the issuer keeps its key.
function timeFault({ iat }: Claims, started: Date): string | null {
  const age = typeof iat === 'number' ? started.getTime() - iat * 1000 : Number.NaN
  return Math.abs(age) <= PROMPT_MS ? null : 'it did not begin when the person signed in'
}

function isTexts<Name extends string>(
  value: Readonly<Record<Name, unknown>>,
): value is Readonly<Record<Name, string>> {
  return Object.values(value).every((text) => typeof text === 'string')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller says that it cannot be read
  }
}
