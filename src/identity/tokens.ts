import { sha256 } from '../digest.ts'
import { Secret } from '../secret.ts'
import type { Claims } from '../sign-in.ts'
import { isObject } from './provider-json.ts'
import { readJwt } from './read-jwt.ts'

/** What is kept of a sign-in. Access tokens are not: nothing here calls the provider's other doors. */
export interface Tokens {
  readonly issuer: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Other services that the sign-in asked for (RFC 8707): out of it access tokens can be made for these alone. */
  readonly resources: readonly string[]
  /** The one that was verified last. */
  readonly idToken: Secret
  readonly claims: Claims
  /** null: the provider gave none, so the claims cannot be renewed. */
  readonly refreshToken: Secret | null
  /** When the provider last confirmed the claims. */
  readonly confirmed: Date
}

/** Tokens as they stand in a store. */
export interface KeptTokens {
  readonly kind: 'tokens'
  readonly tokens: Tokens
  /** Was the refresh token about to be sent? Whoever reads that under the lock knows that the sender kept no answer. */
  readonly spending: boolean
}

/** What stands in a store under one account: tokens, or that the provider ended the sign-in. */
export type Kept = KeptTokens | { readonly kind: 'ended' }

/** Names the entry of one issuer and client in a token store. */
export function accountOf({ issuer, clientId }: Pick<Tokens, 'issuer' | 'clientId'>): string {
  return `${issuer} ${clientId}`
}

/** Names the lock that whoever changes that entry holds. */
export function lockNameOf(of: Pick<Tokens, 'issuer' | 'clientId'>): string {
  const digest = sha256(accountOf(of)).replaceAll(/[^a-z0-9]/g, '')
  return `sign-in-${digest.slice(-40)}`
}

/**
 * Writes tokens as the text of their entry.
 * @param mark.spending is the refresh token about to be sent?
 */
export function sealTokens(
  { idToken, refreshToken, confirmed, ...rest }: Tokens,
  { spending }: Pick<KeptTokens, 'spending'> = { spending: false },
): Secret {
  const { issuer, clientId, scopes, resources } = rest
  const entry = {
    v: 1,
    issuer,
    clientId,
    scopes,
    resources,
    confirmed: confirmed.toISOString(),
    idToken: idToken.reveal(),
    refreshToken: refreshToken?.reveal() ?? null,
    ...(spending && { spending }),
  }
  return new Secret(JSON.stringify(entry))
}

/** Writes the mark that the provider ended a sign-in, so that all shims can say so. */
export function sealEnd(of: Pick<Tokens, 'issuer' | 'clientId'>): Secret {
  return new Secret(JSON.stringify({ v: 1, issuer: of.issuer, clientId: of.clientId, ended: true }))
}

/** Reads an entry; null where it is not one of ours for this issuer and client. */
export function openTokens(entry: Secret, of: Pick<Tokens, 'issuer' | 'clientId'>): Kept | null {
  const value = parse(entry.reveal())
  if (!isObject(value) || value['v'] !== 1) return null
  const { issuer, clientId, scopes, resources = [], confirmed, idToken, refreshToken, ended } = value
  // Entries of file stores can be swapped by whoever writes the file.
  if (issuer !== of.issuer || clientId !== of.clientId) return null
  if (ended === true) return { kind: 'ended' }
  if (typeof idToken !== 'string' || typeof confirmed !== 'string' || !Array.isArray(scopes)) return null
  if (!Array.isArray(resources)) return null
  if (refreshToken !== null && typeof refreshToken !== 'string') return null
  const read = readJwt(idToken)
  const instant = new Date(confirmed)
  if (!read.ok || Number.isNaN(instant.getTime())) return null
  const tokens = {
    issuer: of.issuer,
    clientId: of.clientId,
    scopes: scopes.map(String),
    resources: resources.map(String),
    idToken: new Secret(idToken),
    claims: read.jwt.claims,
    refreshToken: refreshToken === null ? null : new Secret(refreshToken),
    confirmed: instant,
  }
  return { kind: 'tokens', tokens, spending: value['spending'] === true }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller says that it is not ours, without quoting it
  }
}
