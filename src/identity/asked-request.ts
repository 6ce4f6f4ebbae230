import type { Activation } from '../activation.ts'
import { parseInstant } from '../instant.ts'
import { type GrantRequest, requestText } from '../request-text.ts'
import { isObject } from './provider-json.ts'

/** What was asked for, where an activation gives no more than that; else why it does, in one clause. */
export type AskedFor =
  | { readonly ok: true; readonly request: GrantRequest; readonly at: Date }
  | { readonly ok: false; readonly why: string }

/** Reads what was asked for, and compares an activation with it: another grant, longer, for another reason is more. */
export function askedFor(text: string, activation: Activation): AskedFor {
  const request = readRequest(text)
  const at = parseInstant(request?.at ?? '')
  if (request === null || at === null) return { ok: false, why: 'what was asked for cannot be read' }
  const why = requestFault(request, activation)
  return why === null ? { ok: true, request, at } : { ok: false, why }
}

/**
 * Reads the text of a request; null where it is none. What is not written as `requestText` writes it was not asked for by
 * hoopctl: no member more, none twice.
 */
export function readRequest(text: string): GrantRequest | null {
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
