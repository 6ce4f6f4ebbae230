import type { Claims } from '../sign-in.ts'
import { shorten, visible } from '../visible.ts'

/** What the claims of a token must say. */
export interface ClaimChecks {
  readonly issuer: string
  /** Our client id, which the audience must be or hold. */
  readonly clientId: string
  /** May the token have been given to any client (`azp`)? A workload's is: its audience is who reads it. Default: no. */
  readonly anyParty?: boolean
  /** What was sent as `nonce`; absent: none was sent. */
  readonly nonce?: string
  /** Who must have signed in; absent: anyone. */
  readonly sub?: string
  /** The person must have shown who they are since then; absent: it does not matter when. */
  readonly signedInSince?: Date
  /** Must it have been issued just now (`iat`)? Default: it does not matter when. */
  readonly justIssued?: boolean
  readonly now: Date
}

/** Clocks of provider and laptop may differ by so much. */
const SKEW_SECONDS = 60

/** What was issued just now may say so long ago: some providers write five minutes less, so that no clock is behind. */
const JUST_NOW_SECONDS = 10 * 60

const MAX_SUB_CHARACTERS = 255

/** Finds the first claim that is not as it must be (OpenID Connect Core 1.0, section 3.1.3.7), if any. */
export function claimFault(claims: Claims, checks: ClaimChecks): string | null {
  if (claims['iss'] !== checks.issuer) {
    const named = typeof claims['iss'] === 'string' ? `\`${visible(shorten(claims['iss']))}\`` : 'nobody'
    return `it was issued by ${named}`
  }
  return (
    subFault(claims['sub'], checks.sub) ??
    audienceFault(claims, checks) ??
    timeFault(claims, checks) ??
    nonceFault(claims['nonce'], checks.nonce) ??
    freshFault(claims['auth_time'], checks.signedInSince)
  )
}

function subFault(sub: unknown, expected: string | undefined): string | null {
  if (typeof sub !== 'string' || sub === '') return 'it does not say who signed in (`sub`)'
  // OpenID Connect Core 1.0, section 2.
  if (sub.length > MAX_SUB_CHARACTERS) return `its \`sub\` has more than ${MAX_SUB_CHARACTERS} characters`
  return expected === undefined || sub === expected ? null : 'it is for another person (`sub`) than before'
}

function audienceFault({ aud, azp }: Claims, { clientId, anyParty }: ClaimChecks): string | null {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(clientId)) return `it is not for client \`${clientId}\` (\`aud\`)`
  if (!audiences.every((each) => typeof each === 'string')) return 'an audience of it is no text (`aud`)'
  if (anyParty === true) return null
  if (audiences.length > 1 && azp === undefined) {
    return 'it is for several audiences and does not say who may use it (`azp`)'
  }
  return azp === undefined || azp === clientId ? null : 'it was given to another client (`azp`)'
}

function timeFault({ exp, iat, nbf }: Claims, { now, justIssued }: ClaimChecks): string | null {
  const seconds = now.getTime() / 1000
  const clock = 'is the clock of this machine right?'
  if (!isInstant(exp)) return 'it does not say when it expires (`exp`)'
  if (seconds >= exp + SKEW_SECONDS) return `it has expired (\`exp\`); ${clock}`
  if (!isInstant(iat)) return 'it does not say when it was issued (`iat`)'
  if (iat > seconds + SKEW_SECONDS) return `it was issued in the future (\`iat\`); ${clock}`
  if (justIssued === true && iat < seconds - JUST_NOW_SECONDS) {
    return `it was issued long before it was asked for (\`iat\`); ${clock}`
  }
  if (nbf === undefined) return null
  if (!isInstant(nbf)) return 'from when on it is valid is no time (`nbf`)'
  return nbf > seconds + SKEW_SECONDS ? `it is not valid yet (\`nbf\`); ${clock}` : null
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function nonceFault(nonce: unknown, expected: string | undefined): string | null {
  if (expected === undefined || nonce === expected) return null
  return nonce === undefined
    ? 'it does not answer what was asked (no `nonce`)'
    : 'it answers another question (`nonce`)'
}

function freshFault(authTime: unknown, since: Date | undefined): string | null {
  if (since === undefined) return null
  if (!isInstant(authTime)) return 'it does not say when the person signed in (`auth_time`)'
  const fresh = authTime >= since.getTime() / 1000 - SKEW_SECONDS
  return fresh ? null : 'the person was not asked to sign in anew (`auth_time`)'
}
