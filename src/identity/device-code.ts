import type { DeviceAuthorizationResponse } from 'openid-client'
import { Secret } from '../secret.ts'
import { visible } from '../visible.ts'
import { providerUrl } from './provider-url.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** What the person must see: the code, where to type it, and until when. */
export interface DevicePrompt {
  readonly userCode: string
  readonly verificationUri: string
  /** The same address with the code in it, where the provider gives one: for a browser or a QR code. */
  readonly verificationUriComplete: string | null
  readonly expiresAt: Date
}

/** A code that the provider gave for one sign-in, and how often to ask whether it was typed. */
export interface DeviceCode extends DevicePrompt {
  readonly deviceCode: Secret
  readonly intervalSeconds: number
}

const MAX_CODE_CHARACTERS = 64
const MAX_SECONDS = 3600
const DEFAULT_INTERVAL_SECONDS = 5

/**
 * Reads what a provider answered to a request for a code (RFC 8628, section 3.2). A browser will be sent to its addresses,
 * so they are https too. Throws SIGN_IN_FAILED.
 */
export function readDeviceCode(answer: DeviceAuthorizationResponse, issuer: string, now: Date): DeviceCode {
  const { user_code: userCode, verification_uri_complete: complete } = answer
  if (userCode.length > MAX_CODE_CHARACTERS || visible(userCode) !== userCode) {
    throw signInFailed(`the code that \`${issuer}\` gave cannot be shown`, ASK_OPERATOR)
  }
  const uri = providerUrl(answer.verification_uri, issuer)
  const uriComplete = complete === undefined ? null : providerUrl(complete, issuer)
  if (uri === null || (complete !== undefined && uriComplete === null)) {
    throw signInFailed(`\`${issuer}\` sends the person to an address that is not https`, ASK_OPERATOR)
  }
  const seconds = Math.min(answer.expires_in, MAX_SECONDS)
  const interval = answer.interval ?? DEFAULT_INTERVAL_SECONDS
  return {
    userCode,
    verificationUri: uri.href,
    verificationUriComplete: uriComplete?.href ?? null,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    deviceCode: new Secret(answer.device_code),
    intervalSeconds: Math.min(Math.max(interval, 1), MAX_SECONDS),
  }
}
