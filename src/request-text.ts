import { canonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'

/** What a person asks for when they request grants: what the nonce of an `oidc` proof covers. */
export interface GrantRequest {
  /** The policy, as `Activation.policy` names it, and its digest at that moment. */
  readonly policy: string
  readonly policyDigest: string
  readonly issuer: string
  readonly sub: string
  /** The public key of the asking device. */
  readonly device: string
  /** When it was asked for, RFC 3339 in UTC. */
  readonly at: string
  readonly grants: readonly {
    readonly name: string
    readonly durationMs: number
    readonly reason: string | null
  }[]
}

/** How long after it was asked for a request can be confirmed, in milliseconds. */
export const ASKED_MS = 10 * 60_000

const FORMAT = 'hoopctl-request/1'

/** Writes a request as the text that is signed: canonical JSON (RFC 8785). */
export function requestText(request: GrantRequest): string {
  return canonicalJson(JSON.stringify({ format: FORMAT, ...request }))
}

/** Makes the nonce that proves a request: the SHA-256 of its text, 64 hexadecimal digits. */
export function requestNonce(text: string): string {
  return sha256(text)
}
