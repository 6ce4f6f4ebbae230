import { Secret } from '../secret.ts'
import { shorten, visible } from '../visible.ts'
import { MAX_TOKEN_BYTES, readJwt } from './read-jwt.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** Whom an access token is to be made for. */
export interface WantedToken {
  /** What its `aud` must hold. */
  readonly audience: string
  /** What the provider is asked for; null: the audience, as `resource`. */
  readonly scope: string | null
}

/** An access token for another service, checked as far as those can who neither made it nor are to read it. */
export interface AccessToken {
  readonly token: Secret
  readonly expires: Date
}

/** What the provider said, to be checked. */
export interface GivenToken {
  readonly issuer: string
  readonly wanted: WantedToken
  /** Its answer. */
  readonly answer: Readonly<Record<string, unknown>>
  /** Tokens that it gave for something else. */
  readonly others: readonly Secret[]
  readonly now: Date
}

// Where the provider does not say how long (RFC 6749, section 5.1).
const DEFAULT_SECONDS = 60

/** Says what a token endpoint is asked for beside the grant (RFC 8707, section 2.2). */
export function parametersOf({ audience, scope }: WantedToken): Readonly<Record<string, string>> {
  return scope === null ? { resource: audience } : { scope }
}

/**
 * Reads an access token out of an answer. One of another type, one that was given for something else, and a JWT that is for
 * somebody else are refused: whoever gets it could use it elsewhere. Throws SIGN_IN_FAILED.
 */
export function readAccessToken({ issuer, wanted, answer, others, now }: GivenToken): AccessToken {
  const { access_token: token, token_type: type, expires_in: seconds } = answer
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    const named = typeof type === 'string' ? `\`${visible(shorten(type))}\`` : 'no type'
    throw signInFailed(
      `\`${issuer}\` gave a token of ${named}, and only \`Bearer\` can be sent`,
      ASK_OPERATOR,
    )
  }
  // RFC 6750, section 2.1: what may stand in the header.
  if (typeof token !== 'string' || token.length > MAX_TOKEN_BYTES || !/^[\w.~+/-]+=*$/.test(token)) {
    throw signInFailed(`\`${issuer}\` gave no access token that can be sent`, ASK_OPERATOR)
  }
  const known = [answer['id_token'], answer['refresh_token'], ...others.map((other) => other.reveal())]
  if (known.includes(token)) {
    throw signInFailed(`\`${issuer}\` gave a token that it gave for something else`, ASK_OPERATOR)
  }
  const fault = audienceFault(token, wanted.audience)
  if (fault !== null)
    throw signInFailed(`\`${issuer}\` gave a token that is not for it: ${fault}`, OTHER_AUDIENCE)
  const lives = typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_SECONDS
  return { token: new Secret(token), expires: new Date(now.getTime() + lives * 1000) }
}

const OTHER_AUDIENCE =
  'have the provider put `audience` into the token, or write `scope` beside it (docs/administrators.md)'

// One that is no JWT is for the provider and its service alone to read.
function audienceFault(token: string, audience: string): string | null {
  const read = readJwt(token)
  if (!read.ok) return null
  const { aud } = read.jwt.claims
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.includes(audience)) return null
  const texts = named.filter((each) => typeof each === 'string')
  return texts.length === 0 ? 'it names no `aud`' : `its \`aud\` is \`${visible(shorten(texts.join(' ')))}\``
}
