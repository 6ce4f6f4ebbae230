import { type ErrorCode, HoopctlError } from '../../errors.ts'
import type { VerifiedPolicy } from '../../policy/signed-policy.ts'

/** Which check something from a source did not pass. */
export type Reason = Extract<VerifiedPolicy, { ok: false }>['code'] | 'trust' | 'invalid' | 'issuer'

/** A policy or trust document that is not taken. */
export class Refusal extends HoopctlError {
  readonly reason: Reason

  constructor(
    reason: Reason,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    const hint = options.hint ?? HINTS[reason] ?? 'ask those who sign it; what was fetched before is kept'
    super(CODES[reason] ?? 'POLICY_ALTERED', message, { hint, cause: options.cause })
    this.reason = reason
  }
}

const CODES: Readonly<Partial<Record<Reason, ErrorCode>>> = {
  invalid: 'POLICY_INVALID',
  issuer: 'MANAGED_LOCK',
}

const HINTS: Readonly<Partial<Record<Reason, string>>> = {
  expired: 'ask those who sign it for a newer one, then run: hoopctl policy refresh',
  rollback: 'somebody put an older one back: ask those who sign it',
  trust: 'ask those who sign policies whether they changed it, and for the digest to pin',
}
