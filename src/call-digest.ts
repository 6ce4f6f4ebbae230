import type { AskedCall, Challenged } from './approval.ts'
import { canonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'
import { type Member, members, skipSpace } from './json-spans.ts'

/**
 * The members of `_meta` that belong to the carriage of one message: a repetition of the same call has others.
 * `claudecode/toolUseId` is a stock client's own number for each call (*seen*, 2.1).
 */
const TRANSPORT: ReadonlySet<string> = new Set([
  'progressToken',
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
  'io.modelcontextprotocol/logLevel',
  'traceparent',
  'tracestate',
  'claudecode/toolUseId',
])

const MAX_TRANSPORT_CHARACTERS = 512

/** Cuts from the JSON text of `params` what the call digest does not cover: all that is left is part of the call. */
export function coveredParams(params: string): string {
  const kept = members(params, skipSpace(params, 0)).flatMap((member) => {
    if (member.key !== '_meta') return [written(params, member)]
    const meta = coveredMeta(params, member)
    return meta === null ? [] : [meta]
  })
  return `{${kept.join(',')}}`
}

function coveredMeta(text: string, { name, value }: Member): string | null {
  if (text[value.start] !== '{') return written(text, { name, value })
  const kept = members(text, value.start).filter((member) => !isTransport(text, member))
  if (kept.length === 0) return null
  const inside = kept.map((member) => written(text, member))
  return `${text.slice(name.start, name.end)}:{${inside.join(',')}}`
}

// Whatever else stands under such a name is something that a server may act on, and that a person must see.
function isTransport(text: string, { key, value }: Member): boolean {
  if (!TRANSPORT.has(key)) return false
  if (key.startsWith('io.modelcontextprotocol/')) return true
  return /^["\d-]/u.test(text.charAt(value.start)) && value.end - value.start <= MAX_TRANSPORT_CHARACTERS
}

function written(text: string, { name, value }: Pick<Member, 'name' | 'value'>): string {
  return `${text.slice(name.start, name.end)}:${text.slice(value.start, value.end)}`
}

/**
 * Computes the call digest: the SHA-256 of a canonical form of all that an answer covers (docs/design.md, "Approvals").
 * The policy is not in it: at use the call is decided again.
 */
export function callDigest({ server, definition, method, params, requester }: AskedCall): string {
  const { issuer, sub } = requester
  const { name, command, sha256: file, args, cwd } = server
  const about = { version: 1, server: { name, command, sha256: file, args, cwd }, definition, method }
  const fields = JSON.stringify({ ...about, requester: { issuer, sub } })
  // As a text, because numbers in the params must stay the decimals that they are.
  return sha256(canonicalJson(`${fields.slice(0, -1)},"params":${coveredParams(params)}}`))
}

/** Computes the challenge: what a proof of yes signs, 64 hexadecimal digits. */
export function challengeOf(challenged: Challenged): string {
  const { call, approval, device, random, expires, remember, edited = null } = challenged
  const fields = { format: 'hoopctl-approval/1', answer: 'approve', call, approval, device, random, expires }
  const more = {
    ...(remember === null ? {} : { remember: { count: remember.count, until: remember.until } }),
    ...(edited === null ? {} : { edited: sha256(edited.arguments) }),
  }
  return sha256(canonicalJson(JSON.stringify({ ...fields, ...more })))
}
