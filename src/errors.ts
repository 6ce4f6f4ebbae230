/** Failures that a person can act on, and their exit codes (docs/errors.md is generated from this table). */
export const EXIT_CODES = {
  USAGE: 2,
  UNKNOWN_SERVER: 2,
  UNKNOWN_SESSION: 2,
  UNKNOWN_GRANT: 2,
  UNKNOWN_APPROVAL: 2,
  NO_TERMINAL: 2,
  CANCELLED: 2,
  NO_POLICY: 3,
  POLICY_INVALID: 3,
  POLICY_UNREADABLE: 3,
  POLICY_TEST_FAILED: 3,
  FILE_MODE: 3,
  INPUT_INVALID: 3,
  MANAGED_LOCK: 3,
  NOT_SIGNED_IN: 4,
  SIGN_IN_FAILED: 4,
  GRANT_DENIED: 5,
  NOT_APPROVER: 5,
  APPROVAL_DENIED: 6,
  APPROVAL_OVER: 6,
  APPROVAL_ALTERED: 7,
  DIGEST_MISMATCH: 7,
  POLICY_ALTERED: 7,
  LOG_BROKEN: 7,
  UPLOAD_CONFLICT: 7,
  DEVICE_KEY: 7,
  UNREACHABLE: 8,
  SERVER_UNREACHABLE: 8,
  STATE_UNWRITABLE: 8,
  KEYCHAIN: 8,
} as const

export type ErrorCode = keyof typeof EXIT_CODES

/** A failure with a way out. Anything else that is thrown is a bug: it keeps its stack and exits with 1. */
export class HoopctlError extends Error {
  override readonly name = 'HoopctlError'
  readonly code: ErrorCode
  readonly hint: string

  /** @param options.hint the next thing to type or to ask for: one line, no full stop */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly hint: string; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}
