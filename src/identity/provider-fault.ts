import { HoopctlError } from '../errors.ts'
import { shorten, visible } from '../visible.ts'
import { isObject } from './provider-json.ts'
import { ASK_OPERATOR, LOGIN, signInFailed } from './sign-in-failed.ts'

/** The error that a provider answered with (RFC 6749, section 5.2); null where something else went wrong. */
export function answeredError(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null
  const error: unknown = Reflect.get(cause, 'error') // ResponseBodyError and AuthorizationResponseError have it
  return typeof error === 'string' ? error : null
}

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  access_denied: ['the sign-in was denied', LOGIN],
  expired_token: ['the code ran out before anyone signed in', LOGIN],
  invalid_grant: ['what was asked for is no longer valid', LOGIN],
  invalid_client: ['does not know this client', 'is `identity.clientId` right, and a public client?'],
  unauthorized_client: [
    'does not let this client sign in this way',
    'allow the device flow for it, or try: hoopctl login --browser',
  ],
  unsupported_grant_type: ['does not know this way to sign in', 'try: hoopctl login --browser'],
  invalid_scope: ['does not know a scope', 'correct `identity.scopes`'],
  invalid_target: [
    'does not know the service that a token is to be for (`resource`)',
    'compare `audience` in `audit.upload.to` with what the provider calls it',
  ],
  login_required: ['wants the person to sign in', LOGIN],
}

const BUSY = ['server_error', 'temporarily_unavailable', 'slow_down']

/**
 * Puts what went wrong between us and a provider into our words: the library's errors hold answers, and answers hold tokens.
 * Anything else comes back as it is: a bug.
 */
export function providerFault(cause: unknown, issuer: string): unknown {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof HoopctlError) return at
  }
  const error = answeredError(cause)
  if (error !== null) return errorOf(error, cause, issuer)
  if (!(cause instanceof Error)) return cause
  const code: unknown = Reflect.get(cause, 'code')
  if (typeof code !== 'string' || !code.startsWith('OAUTH_')) return cause
  if (code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return errorOf('invalid_client', cause, issuer)
  return signInFailed(`\`${issuer}\` answers against the rules of OpenID Connect (${code})`, ASK_OPERATOR)
}

function errorOf(error: string, cause: unknown, issuer: string): HoopctlError {
  const described = description(cause)
  const said = `\`${issuer}\`: `
  if (BUSY.includes(error)) {
    const message = `${said}cannot answer now (${error})${described}`
    return new HoopctlError('UNREACHABLE', message, { hint: 'try again in a minute' })
  }
  const [words, hint] = WORDS[error] ?? [`refuses (${visible(shorten(error))})`, ASK_OPERATOR]
  return signInFailed(`${said}${words}${described}`, hint)
}

// Entra says only here what to do. A provider that repeats a token must not make us print it.
function description(cause: unknown): string {
  if (!isObject(cause)) return ''
  const text = cause['error_description']
  if (typeof text !== 'string' || text === '') return ''
  return `: ${visible(shorten(text.replaceAll(/[\w.~+/=-]{40,}/g, '…')))}`
}
